import type { Region } from '../../../../topology';
import type { World } from './world';

export type Place = 'arbiter' | 'rds' | 'database A' | 'database B';

/** An execution environment, or a database server: it may be frozen, and an environment killed. */
export class Process {
  frozenUntilMs = 0;
  isKilled = false;
  #freezing: { calls: number; forMs: number } | undefined;

  constructor(
    readonly region: Region,
    readonly world: World,
  ) {}

  /** Freezes it in the midst of what it does: when so many further calls have been answered. */
  freezeAfter(calls: number, forMs: number): void {
    this.#freezing = { calls, forMs };
  }

  /** A call of this process has been answered. */
  async answered(): Promise<void> {
    if (this.#freezing !== undefined && this.#freezing.calls-- <= 0) {
      this.frozenUntilMs = this.world.nowMs + this.#freezing.forMs;
      this.#freezing = undefined;
    }
    await this.awake();
  }

  /** Resolves when it runs; never, once it was killed. */
  async awake(): Promise<void> {
    while (this.frozenUntilMs > this.world.nowMs) await this.world.after(this.frozenUntilMs - this.world.nowMs);
    if (this.isKilled) await new Promise(() => undefined);
  }
}

export class NoAnswer extends Error {
  constructor(place: string) {
    super(`${place} does not answer`);
    this.name = 'NoAnswer';
  }
}

const TIMEOUT_MS = 2500;
const TRAVELS_MS = 20;
/** In a socket. */
const SLEEPS = { share: 0.01, longestMs: 15_000 };

/** What lies between processes and places: messages take their time, and cut ways lose them. */
export class Network {
  readonly #world: World;
  readonly #cuts = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  cut(one: string, other: string, untilMs: number): void {
    const way = wayOf(one, other);
    this.#cuts.set(way, Math.max(this.#cuts.get(way) ?? 0, untilMs));
  }

  isCut(one: string, other: string): boolean {
    return (this.#cuts.get(wayOf(one, other)) ?? 0) > this.#world.nowMs;
  }

  heal(): void {
    this.#cuts.clear();
  }

  /** What a call does may happen long after its caller has given up waiting. */
  call<T>(from: Process, place: Place, effect: () => T | Promise<T>): Promise<T> {
    const answering = this.#ask(from, place, effect);
    const givingUp = this.#world.after(TIMEOUT_MS).then(() => Promise.reject(new NoAnswer(place)));
    return Promise.race([answering, givingUp]).then(
      (value) => from.answered().then(() => value),
      (error) => from.answered().then(() => Promise.reject(error)),
    );
  }

  async #ask<T>(from: Process, place: Place, effect: () => T | Promise<T>): Promise<T> {
    await from.awake();
    await this.#travel(from.region, place);
    let answer: () => T;
    try {
      const value = await effect();
      answer = () => value;
    } catch (error) {
      answer = () => {
        throw error;
      };
    }
    await this.#travel(from.region, place);
    return answer();
  }

  async #travel(region: Region, place: Place): Promise<void> {
    await this.#world.after(this.#world.duration(TRAVELS_MS, SLEEPS));
    if (this.isCut(region, place)) await new Promise(() => undefined);
  }
}

function wayOf(one: string, other: string): string {
  return [one, other].sort().join(' - ');
}
