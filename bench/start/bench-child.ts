import { type ChildProcess, fork } from 'node:child_process';
import { API_NICENESS, setNiceness } from '../../local/system/niceness';
import { JOB_VARIABLE, type Job } from '../job';
import { type BenchProcess, processFile } from '../processes/build';
import type { Message } from '../processes/child';

export interface ChildSettings {
  readonly job: Job;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** More for Node itself. */
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export class MeasurementFailed extends Error {
  override readonly name = 'MeasurementFailed';
}

const LAST_WORDS = 2000;
/** Clients have machines of their own; ours must not be late for want of a processor. Other services go first as ours does. */
const NICENESS: Readonly<Partial<Record<BenchProcess, number>>> = {
  'load-process': 2 * API_NICENESS,
  'storm-process': 2 * API_NICENESS,
  'baseline-process': API_NICENESS,
  'fixed-process': API_NICENESS,
};

/** Runs a process of the bench to its end. @returns its result @throws MeasurementFailed with what it said */
export async function runToEnd<T>(name: BenchProcess, settings: ChildSettings): Promise<T> {
  const child = new BenchChild(name, settings);
  try {
    return (await child.next()) as T;
  } finally {
    await child.end();
  }
}

/** A process of the bench, told of its work by a job and by messages. */
export class BenchChild {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #results: Message[] = [];
  #waiting: ((message: Message) => void) | undefined;

  constructor(name: BenchProcess, { job, signal, onProgress, nodeOptions = [], environment = {} }: ChildSettings) {
    signal.throwIfAborted();
    this.#name = name;
    this.#child = fork(processFile(name), [], {
      // What our functions log is no output of the bench; what goes wrong is told by a message.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [...nodeOptions],
      // A session of its own is weighed for itself.
      detached: true,
      env: { ...process.env, NODE_NO_WARNINGS: '1', ...environment, [JOB_VARIABLE]: JSON.stringify(job) },
    });
    const niceness = NICENESS[name];
    if (this.#child.pid !== undefined && niceness !== undefined) setNiceness(this.#child.pid, niceness);
    let lastWords = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS);
    });
    const stop = () => void this.#child.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, by) => {
        signal.removeEventListener('abort', stop);
        this.#receive({ kind: 'failed', reason: `it ended with ${code ?? by}: ${lastWords}` });
        resolve();
      });
    });
    this.#child.on('message', (message) => {
      const said = message as Message;
      if (said.kind === 'progress') onProgress(said.text);
      else this.#receive(said);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Asks something of a process that takes questions. */
  async ask<T>(question: unknown): Promise<T> {
    this.#child.send(question as object);
    return (await this.next()) as T;
  }

  /** The next result. @throws MeasurementFailed */
  async next(): Promise<unknown> {
    const message =
      this.#results.shift() ??
      (await new Promise<Message>((resolve) => {
        this.#waiting = resolve;
      }));
    if (message.kind === 'result') return message.value;
    throw new MeasurementFailed(`${this.#name}: ${message.kind === 'failed' ? message.reason : message.text}`);
  }

  async end(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  #receive(message: Message): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#results.push(message);
    else waiting(message);
  }
}
