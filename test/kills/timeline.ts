import type { Observed } from '../support/load';

const EVERY_MS = 2000;

/** Tells a run as it goes: how many calls were made, what failed, and what was down. */
export class Timeline {
  readonly #startedMs = performance.now();
  readonly #tell: (line: string) => void;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  say(text: string): void {
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(1);
    this.#tell(`${seconds.padStart(7)} s  ${text}`);
  }

  /** Says every two seconds what has been answered meanwhile. @returns what ends it */
  follow(observed: Observed, down: () => string): () => void {
    let seen = observed.total;
    const timer = setInterval(() => {
      const calls = observed.total - seen;
      seen = observed.total;
      const codes = Object.entries(observed.takeCounts()).map(([code, count]) => `${count} ${code}`);
      this.say(`  ${String(calls).padStart(4)} calls  ${codes.join(', ') || '-'}  ${down()}`);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }
}
