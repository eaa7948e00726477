import { setMaxListeners } from 'node:events';
import { AccountTurns } from './account-turns';
import type { ErrorReport } from './error-report';
import { GaveUp } from './errors';
import type { FileOptions, FileSummary } from './import-file';
import { type Entry, Ledger } from './ledger';
import type { Line, LineReader } from './lines';
import { Pool } from './pool';
import type { Progress, ProgressFile } from './progress';
import { Registrar } from './register';

export interface FileParts {
  readonly lines: LineReader;
  readonly report: ErrorReport;
  readonly progressFile: ProgressFile;
  /** Of an earlier run that was interrupted. */
  readonly progress: Progress | undefined;
  readonly target: string;
  readonly totalBytes: number;
}

type MemberLine = Extract<Line, { kind: 'member' }>;

/** One run over one file: reads in order, sends side by side, closes in order. */
export class FileRun {
  readonly #options: FileOptions;
  readonly #parts: FileParts;
  readonly #ledger: Ledger;
  readonly #registrar: Registrar;
  readonly #pool: Pool;
  readonly #turns = new AccountTurns();
  readonly #ahead: ReadonlyMap<number, string>;
  readonly #failed = new AbortController();
  readonly #stop: AbortSignal;
  readonly #startedMs = performance.now();
  #framesToReplay: number;
  #readBytes = 0;
  #left = false;

  constructor(options: FileOptions, parts: FileParts) {
    this.#options = options;
    this.#parts = parts;
    this.#stop = AbortSignal.any([options.stop, this.#failed.signal]);
    // Every line that pauses listens to it.
    setMaxListeners(0, this.#stop);
    this.#registrar = new Registrar({ ...options, stop: this.#stop });
    this.#pool = new Pool(options.concurrency);
    this.#ledger = new Ledger({ ...parts, saveEveryMs: options.saveEveryMs, header: parts.lines.header });
    this.#ahead = new Map(parts.progress?.ahead);
    this.#framesToReplay = parts.progress?.frames ?? 0;
    if (parts.progress !== undefined) this.#ledger.resume(parts.progress);
  }

  get summary(): Omit<FileSummary, 'finished' | 'report' | 'gaveUp'> {
    return {
      file: this.#options.path,
      tally: { ...this.#ledger.decided },
      retries: this.#registrar.retries,
      doneBefore: this.#doneBefore,
    };
  }

  /** Marks the file as one that is done with, report and all. */
  async conclude(): Promise<void> {
    await this.#ledger.save(true);
  }

  /** Goes through the file; what could not be finished is saved, so that the next run goes on there. */
  async toEnd(): Promise<{ finished: boolean; gaveUp?: string }> {
    const ticker = setInterval(() => this.#show(), 100);
    try {
      await this.#readAll();
      await this.#pool.end();
      return { finished: !this.#left };
    } catch (error) {
      if (error instanceof GaveUp) return { finished: false, gaveUp: error.message };
      throw error;
    } finally {
      clearInterval(ticker);
      this.#failed.abort();
      await this.#pool.end().catch(() => undefined);
      // Before the frames of the earlier run are gone through, its own progress is the truer one.
      if (this.#framesToReplay === 0) await this.#ledger.save();
      this.#show();
      this.#options.display.close();
    }
  }

  async #readAll(): Promise<void> {
    for (const frame of this.#parts.lines.preamble) {
      if (!this.#replays(frame.digest))
        await this.#ledger.settle(this.#ledger.enter(frame.digest), { kind: 'heading' });
    }
    for (;;) {
      while (this.#ledger.isFull && !this.#stop.aborted) await this.#pool.nextEnd();
      if (this.#stop.aborted) {
        this.#left = true;
        return;
      }
      const line = await this.#parts.lines.next();
      if (line === undefined) return;
      this.#readBytes = line.frame.next;
      if (!this.#replays(line.frame.digest)) await this.#take(line);
    }
  }

  #replays(digest: Buffer): boolean {
    if (this.#framesToReplay === 0) return false;
    this.#framesToReplay -= 1;
    this.#ledger.replay(digest);
    return true;
  }

  async #take(line: Line): Promise<void> {
    const entry = this.#ledger.enter(line.frame.digest);
    if (line.kind === 'blank') return this.#ledger.settle(entry, { kind: 'blank' });
    if (line.kind === 'faulty') {
      const { code, message } = line.error;
      const failed = { line: line.frame.line, code, message, raw: line.raw };
      return this.#ledger.settle(entry, { kind: 'failed', failed });
    }
    if (this.#ahead.get(entry.index) === line.key) {
      return this.#ledger.settle(entry, { kind: 'registered', key: line.key });
    }
    const turn = this.#turns.enter(line.registration.accounts ?? []);
    await this.#pool.start(async () => {
      try {
        await turn.ready;
        await this.#send(line, entry);
      } catch (error) {
        this.#failed.abort();
        throw error;
      } finally {
        turn.leave();
      }
    });
  }

  async #send(line: MemberLine, entry: Entry): Promise<void> {
    const outcome = await this.#registrar.register(line.registration, line.key);
    if (outcome.kind === 'open') {
      this.#left = true;
    } else if (outcome.kind === 'registered') {
      await this.#ledger.settle(entry, { kind: 'registered', key: line.key });
    } else {
      const { code, message } = outcome;
      await this.#ledger.settle(entry, {
        kind: 'failed',
        failed: { line: line.frame.line, code, message: `${message}${line.mark}`, raw: line.raw },
      });
    }
  }

  get #doneBefore(): number {
    const { registered = 0, failed = 0, blank = 0 } = this.#parts.progress?.tally ?? {};
    return registered + failed + blank;
  }

  #show(): void {
    const { registered, failed, blank } = this.#ledger.decided;
    this.#options.display.update({
      file: this.#options.path,
      tally: this.#ledger.decided,
      retries: this.#registrar.retries,
      readBytes: this.#readBytes,
      totalBytes: this.#parts.totalBytes,
      done: registered + failed + blank - this.#doneBefore,
      elapsedMs: performance.now() - this.#startedMs,
    });
  }
}
