/** Where loops wait for work that others announce. What is announced while nobody waits is kept for the next one. */
export class WakeUp {
  #waiting: (() => void)[] = [];
  #announced = false;

  /** Wakes one that waits. */
  announce(): void {
    const wake = this.#waiting.shift();
    if (wake === undefined) this.#announced = true;
    else wake();
  }

  /** Wakes all that wait. */
  announceToAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const wake of all) wake();
  }

  /** Resolves when work is announced, or after `timeoutMs`. */
  wait(timeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#announced) {
      this.#announced = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = Number.isFinite(timeoutMs) ? setTimeout(() => end(), timeoutMs) : undefined;
      const end = () => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((other) => other !== end);
        resolve();
      };
      this.#waiting.push(end);
    });
  }
}
