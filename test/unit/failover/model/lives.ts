import { otherRegion, REGIONS, type Region } from '../../../../topology';
import type { Process } from './network';
import { type System, UNIT } from './system';

const BEAT_EVERY_MS = 3000;
const LOOK_EVERY_MS = 2000;
const SUSPECTS_AFTER_MS = 5000;
const WAKES_EVERY_MS = 10_000;
const RUN_MS = 20_000;

export type Kind = 'heartbeat' | 'client' | 'controller' | 'run';

/** Everything that acts in a system, so that it can be frozen or killed. */
export class Lives {
  readonly #system: System;
  readonly #processes: { kind: Kind; process: Process }[] = [];

  constructor(system: System) {
    this.#system = system;
    for (const region of REGIONS) {
      for (let count = 0; count < 2; count++) this.start('heartbeat', region);
      for (let count = 0; count < 2; count++) this.start('client', region);
      this.start('controller', region);
      this.#redeliver(region);
    }
  }

  of(kind: Kind, region: Region): Process[] {
    return this.#processes
      .filter((one) => one.kind === kind && one.process.region === region)
      .map((one) => one.process);
  }

  /** What is killed is started again, as a schedule or a queue does. */
  kill(kind: Kind, region: Region): void {
    const [process] = this.of(kind, region);
    if (process === undefined) return;
    process.isKilled = true;
    this.#forget(process);
    if (kind !== 'run') this.#system.world.at(this.#system.world.nowMs + 2000, () => this.start(kind, region));
  }

  start(kind: Kind, region: Region): void {
    const process = this.#system.process(region);
    this.#processes.push({ kind, process });
    const lives = { heartbeat: this.#beat, client: this.#write, controller: this.#control, run: this.#run };
    void lives[kind].call(this, process).catch(() => this.#forget(process));
  }

  /** Messages to both regions, which a cut way holds up. */
  readonly wake = (): void => {
    for (const region of REGIONS) this.#system.world.at(this.#system.world.nowMs + 50, () => this.start('run', region));
  };

  #forget(process: Process): void {
    this.#processes.splice(this.#processes.findIndex((one) => one.process === process) >>> 0, 1);
  }

  async #beat(process: Process): Promise<void> {
    for (;;) {
      await this.#system.beat(process);
      await this.#rest(process, BEAT_EVERY_MS);
    }
  }

  /** Writes by what it last heard, which may be long ago. */
  async #write(process: Process): Promise<void> {
    const { world } = this.#system;
    const decisions = this.#system.decisions(process);
    let known = await decisions.unit(UNIT).catch(() => undefined);
    for (;;) {
      if (world.chance() < 0.4) known = (await decisions.unit(UNIT).catch(() => known)) ?? known;
      if (known?.mode === 'database') {
        await this.#system.write(process, known.epoch, known.writer).catch(() => undefined);
      }
      await this.#rest(process, world.between(100, 1500));
    }
  }

  /** Asks for the other region when nothing has been renewed for some seconds. */
  async #control(process: Process): Promise<void> {
    const decisions = this.#system.decisions(process);
    const clock = this.#system.clock(process);
    let seen = { epoch: 0, renewals: 0, sinceMs: 0 };
    for (;;) {
      await this.#rest(process, LOOK_EVERY_MS);
      const decision = await decisions.unit(UNIT).catch(() => undefined);
      if (decision === undefined) continue;
      const { epoch, renewals, writer, mode } = decision;
      if (seen.epoch !== epoch || seen.renewals !== renewals) {
        seen = { epoch, renewals, sinceMs: clock.monotonicMs() };
      } else if (mode === 'database' && clock.monotonicMs() - seen.sinceMs > SUSPECTS_AFTER_MS) {
        const request = { writer: otherRegion(writer), mode: 'database' } as const;
        await this.#system.request(process, request, this.wake, seen).catch(() => undefined);
      }
    }
  }

  async #run(process: Process): Promise<void> {
    await this.#system.run(process, RUN_MS);
    this.#forget(process);
  }

  #redeliver(region: Region): void {
    const { world } = this.#system;
    world.at(world.nowMs + WAKES_EVERY_MS, () => {
      if (this.of('run', region).length < 2) this.start('run', region);
      this.#redeliver(region);
    });
  }

  async #rest(process: Process, ms: number): Promise<void> {
    await this.#system.world.after(ms);
    await process.awake();
  }
}
