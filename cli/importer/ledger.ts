import { createHash } from 'node:crypto';
import type { ErrorReport, FailedLine } from './error-report';
import type { Progress, ProgressFile, Tally } from './progress';

export type Settlement =
  | { readonly kind: 'blank' }
  | { readonly kind: 'heading' }
  | { readonly kind: 'registered'; readonly key: string }
  | { readonly kind: 'failed'; readonly failed: FailedLine };

export interface Entry {
  readonly index: number;
  readonly digest: Buffer;
  settlement?: Settlement;
}

export interface LedgerOptions {
  readonly progressFile: ProgressFile;
  readonly report: ErrorReport;
  readonly header: Buffer;
  readonly target: string;
  readonly saveEveryMs: number;
}

/** Frames that may be under way or done ahead of the first one that is not. */
const WINDOW = 4096;

/**
 * Which frames of a file are done. They are closed in the order of the file: report and tally take a frame only when
 * all before it are done, so that a resumed import makes the same report as one that was never interrupted.
 */
export class Ledger {
  /** What is decided, also ahead of lines that are not. */
  readonly decided: Tally = { registered: 0, failed: 0, blank: 0 };
  readonly #options: LedgerOptions;
  readonly #closed: Tally = { registered: 0, failed: 0, blank: 0 };
  readonly #open: Entry[] = [];
  readonly #hash = createHash('sha256');
  #frames = 0;
  #reportBytes = 0;
  #savedAtMs = performance.now();
  #closing = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Takes over a frame that an earlier run has closed; to be called in order, before any `enter`. */
  replay(digest: Buffer): void {
    this.#hash.update(digest);
    this.#frames += 1;
  }

  /** Takes over the tally and the report of an earlier run, whose frames were all replayed. */
  resume(progress: Progress): void {
    Object.assign(this.#closed, progress.tally);
    Object.assign(this.decided, progress.tally);
    this.#reportBytes = progress.reportBytes;
  }

  /** Whether so many frames are open that reading should pause until one is settled. */
  get isFull(): boolean {
    return this.#open.length >= WINDOW;
  }

  /** Opens a frame; to be called in the order of the file. */
  enter(digest: Buffer): Entry {
    const entry: Entry = { index: this.#frames + this.#open.length, digest };
    this.#open.push(entry);
    return entry;
  }

  /** @throws Error if report or progress can't be written */
  async settle(entry: Entry, settlement: Settlement): Promise<void> {
    entry.settlement = settlement;
    if (settlement.kind !== 'heading') this.decided[settlement.kind] += 1;
    // Whoever is closing meets this entry too; two at a time would mix their rows in the report.
    if (this.#closing) return;
    this.#closing = true;
    await this.#close();
  }

  async save(finished = false): Promise<void> {
    this.#savedAtMs = performance.now();
    await this.#options.report.sync();
    await this.#options.progressFile.write({ ...this.#progress(), finished });
  }

  async #close(): Promise<void> {
    try {
      for (let entry = this.#open[0]; entry?.settlement !== undefined; entry = this.#open[0]) {
        await this.#record(entry.settlement);
        this.#open.shift();
        this.replay(entry.digest);
        if (performance.now() - this.#savedAtMs >= this.#options.saveEveryMs) await this.save();
      }
    } finally {
      // In the same turn in which the loop saw nothing left, so that no settlement falls in between.
      this.#closing = false;
    }
  }

  async #record(settlement: Settlement): Promise<void> {
    if (settlement.kind === 'heading') return;
    if (settlement.kind === 'failed') await this.#options.report.add(settlement.failed, this.#options.header);
    this.#reportBytes = this.#options.report.bytes;
    this.#closed[settlement.kind] += 1;
  }

  #progress(): Omit<Progress, 'finished'> {
    return {
      layout: 1,
      target: this.#options.target,
      frames: this.#frames,
      sha256: this.#hash.copy().digest('hex'),
      reportBytes: this.#reportBytes,
      tally: { ...this.#closed },
      ahead: this.#open.flatMap(({ index, settlement }) =>
        settlement?.kind === 'registered' ? [[index, settlement.key] satisfies [number, string]] : [],
      ),
    };
  }
}
