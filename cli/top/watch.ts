import { join, resolve } from 'node:path';
import { REGIONS } from '../../topology';
import { LogTail } from './log-tail';
import { type Measurement, readMeasurement, readStart } from './measurement';
import { Breakers, type LeftAlone, type Traffic, trafficOf } from './traffic';

/** Most lines that are kept; a system that writes more in its window is told of by the latest. */
const MOST_KEPT = 50_000;
/** Functions write what they measured a second later at most, and a line is read a moment after that. */
const LATE_MS = 1500;

/** What the functions of a local system measure, read from their logs. */
export class MeasuredSystem {
  readonly #tails: readonly LogTail[];
  readonly #windowMs: number;
  readonly #breakers = new Breakers();
  #kept: Measurement[] = [];

  /** @param directory where the local system keeps its state */
  constructor(directory: string, windowMs: number) {
    const logs = join(resolve(directory), 'logs');
    this.#tails = REGIONS.flatMap((region) =>
      ['api', 'tasks'].map((kind) => new LogTail(join(logs, `${kind}-${region}.log`))),
    );
    this.#windowMs = windowMs;
  }

  /** Of the seconds up to now, less what functions may not have written yet. */
  async look(nowMs: number): Promise<Traffic & { readonly leftAlone: readonly LeftAlone[] }> {
    const lines = await Promise.all(this.#tails.map((tail) => tail.read()));
    const arrived = lines.flat().flatMap((line) => this.#heard(line) ?? []);
    const untilMs = nowMs - LATE_MS;
    const fromMs = untilMs - this.#windowMs;
    this.#kept = [...this.#kept, ...arrived].filter(({ atMs }) => atMs > fromMs).slice(-MOST_KEPT);
    const within = this.#kept.filter(({ atMs }) => atMs <= untilMs);
    return { ...trafficOf(within, this.#windowMs / 1000), leftAlone: this.#breakers.leftAlone };
  }

  #heard(line: string): Measurement | undefined {
    const start = readStart(line);
    if (start !== undefined) this.#breakers.begin(start);
    const measured = readMeasurement(line);
    if (measured !== undefined) this.#breakers.hear([measured]);
    return measured;
  }
}
