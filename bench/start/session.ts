import { ForeignLoad } from '../cpu-time';
import type { ImportFigures, Results } from '../figures';
import type { Job, MeasuredSystem } from '../job';
import type { Pace } from '../pace';
import type { ChildSettings } from './bench-child';
import { readMembers, writeDataset } from './dataset';
import { type Figures, IMPORT, type Measurement, pidsOf } from './measurements';
import { importGenerated } from './seeding';

/** Of the generated members some have no phone or no account, which the paths need. */
const GENERATED_FOR_ONE_USED = 1.25;
/** A system that is measured again need not be brought up to the last member. */
const ENOUGH_SHARE = 0.5;

export interface SessionSettings {
  readonly pace: Pace;
  readonly budgetMinutes: number;
  /** When the command began, on the monotonic clock. */
  readonly beganMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** One run of the bench on one system. */
export class Session {
  readonly figures: Figures = { requests: {}, foreignCores: {}, failures: {} };
  readonly #system: MeasuredSystem;
  readonly #settings: SessionSettings;
  readonly #run = Date.now().toString(36);
  readonly #foreign: ForeignLoad;
  #measuringSinceMs: number | undefined;

  constructor(system: MeasuredSystem, settings: SessionSettings) {
    this.#system = system;
    this.#settings = settings;
    this.#foreign = new ForeignLoad([process.pid, ...pidsOf(system)]);
  }

  /** Brings in the members that are read and written, and says how fast; only if too few are there, unless measured. */
  async prepare(isImportMeasured: boolean): Promise<void> {
    const { pace, signal, onProgress } = this.#settings;
    const present = await readMembers(this.#system, pace.members);
    if (!isImportMeasured && present.length >= pace.members * ENOUGH_SHARE) return;
    const count = Math.ceil(pace.members * GENERATED_FOR_ONE_USED);
    onProgress(`${IMPORT.name}: ${count} generated members`);
    this.#foreign.coresSinceLastLook();
    const { members, elapsedMs, overheadMs } = await importGenerated(this.#system, count, this.#run, signal);
    this.#noteForeign(IMPORT.name);
    const imported: ImportFigures = { members, perS: (members / Math.max(1, elapsedMs - overheadMs)) * 1000 };
    this.figures.import = imported;
  }

  /** Runs a measurement unless the budget is used up; what fails is noted and stops no other. */
  async measure({ name, title, run }: Measurement): Promise<void> {
    const { onProgress, signal, budgetMinutes } = this.#settings;
    signal.throwIfAborted();
    // A slow start must not leave nothing of the time.
    this.#measuringSinceMs ??= performance.now();
    if (performance.now() - this.#measuringSinceMs > budgetMinutes * 60_000) {
      this.#fail(name, 'the budget of time was used up');
      return;
    }
    onProgress(`${name}: ${title}`);
    const settings = await this.childSettings(name);
    this.#foreign.coresSinceLastLook();
    try {
      await run(settings, this.figures);
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      onProgress(`  ${reason}`);
      this.#fail(name, reason);
    }
    this.#noteForeign(name);
  }

  async childSettings(path: string): Promise<ChildSettings> {
    const { pace, signal, onProgress } = this.#settings;
    // Read anew: what earlier paths wrote is there by now.
    const dataset = await writeDataset(await readMembers(this.#system, pace.members));
    const job: Job = { path, system: this.#system, dataset, pace, run: `${this.#run}-${path}` };
    return { job, signal, onProgress: (text) => onProgress(`  ${text}`) };
  }

  results(rest: Pick<Results, 'machine' | 'revision' | 'startedAt'>): Results {
    const { requests, foreignCores = {}, failures = {}, ...others } = this.figures;
    return {
      ...rest,
      elapsedS: (performance.now() - this.#settings.beganMs) / 1000,
      budgetMinutes: this.#settings.budgetMinutes,
      ...others,
      requests,
      foreignCores,
      failures,
    };
  }

  #noteForeign(name: string): void {
    this.figures.foreignCores = { ...this.figures.foreignCores, [name]: this.#foreign.coresSinceLastLook() };
  }

  #fail(name: string, reason: string): void {
    this.figures.failures = { ...this.figures.failures, [name]: reason };
  }
}
