import type { SystemState } from '../state';
import type { Snapshot } from './page';
import { StandingLook } from './standing';
import { MeasuredSystem } from './watch';

/** Looks at a local system again and again. */
export class TopLook {
  readonly #measured: MeasuredSystem;
  readonly #standing: StandingLook;
  readonly #seconds: number;

  constructor(system: { readonly directory: string; readonly state: SystemState }, seconds: number) {
    this.#measured = new MeasuredSystem(system.directory, seconds * 1000);
    this.#standing = new StandingLook(system.state);
    this.#seconds = seconds;
  }

  async look(): Promise<Snapshot> {
    const nowMs = Date.now();
    const [traffic, standing] = await Promise.all([this.#measured.look(nowMs), this.#standing.look(nowMs)]);
    return { at: new Date(nowMs).toISOString(), seconds: this.#seconds, ...traffic, ...standing };
  }

  close(): void {
    this.#standing.close();
  }
}
