import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NotPossible } from '../engines';
import { identify } from '../engines/install/process-identity';
import { nicenessOf, setNiceness } from './niceness';
import type { Part } from './part';
import { endGroup, killGroup } from './process-group';
import type { ProcessRegistry } from './process-registry';

export type PartStatus = 'stopped' | 'starting' | 'ready' | 'dead';

export interface PartSurroundings {
  readonly logDirectory: string;
  readonly registry: ProcessRegistry;
  /** Called whenever the process or the status changed. */
  readonly onChange: () => void;
}

const CHECK_EVERY_MS = 100;
const FIRST_REVIVAL_MS = 200;
const LAST_REVIVAL_MS = 10_000;
const STEADY_AFTER_MS = 30_000;
const LOG_TAIL_BYTES = 1500;

/** What a part may know of the shell that it was started from; above all no credentials and no options of other tools. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'JAVA_HOME', 'LD_LIBRARY_PATH'];

function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(INHERITED.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : [])));
}

/** How long to wait before the next start, after so many starts that did not last. */
export function revivalDelayMs(failures: number): number {
  return Math.min(LAST_REVIVAL_MS, FIRST_REVIVAL_MS * 2 ** failures);
}

/** One part of a running system: its process, and what is done when that ends. */
export class RunningPart {
  status: PartStatus = 'stopped';
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  private lifetime = new AbortController();
  private failures = 0;
  private bringing: Promise<void> = Promise.resolve();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly part: Part,
    private readonly surroundings: PartSurroundings,
  ) {}

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  private get logFile(): string {
    return join(this.surroundings.logDirectory, `${this.part.name}.log`);
  }

  /** @throws NotPossible with the end of its log when it does not become ready */
  async start(signal: AbortSignal): Promise<void> {
    this.lifetime = new AbortController();
    await this.bringUp(AbortSignal.any([signal, this.lifetime.signal]));
  }

  /** Ends the process, has `between` done, and starts it again. Nobody else does either meanwhile. */
  restart(signal: AbortSignal, between: () => Promise<void> = async () => undefined): Promise<void> {
    return this.alone(async () => {
      await this.stop();
      await between();
      await this.start(signal);
    });
  }

  /** Ends the process and has `between` done before anybody may start it again. */
  standStill(between: () => Promise<void>): Promise<void> {
    return this.alone(async () => {
      await this.stop();
      await between();
    });
  }

  /** Ends the process at once, as a power cut would, and keeps it from being revived until somebody starts it. */
  lose(): void {
    this.lifetime.abort(new NotPossible(`${this.part.name} was lost`));
    if (this.pid !== undefined) killGroup(this.pid);
  }

  private alone<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(act, act);
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the process in order and keeps it from being revived. Safe at any moment, also while it starts. */
  async stop(): Promise<void> {
    this.lifetime.abort(new NotPossible(`${this.part.name} is being stopped`));
    await this.end();
    // A start that is under way ends by itself, and what it began with it.
    await this.bringing.catch(() => undefined);
    this.setStatus('stopped');
  }

  private bringUp(signal: AbortSignal): Promise<void> {
    this.bringing = this.prepareAndSpawn(signal);
    return this.bringing;
  }

  private async prepareAndSpawn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.setStatus('starting');
    mkdirSync(this.part.dataDirectory, { recursive: true });
    try {
      await this.part.prepare(signal);
      signal.throwIfAborted();
      this.spawn();
      await this.becomeReady(signal);
      this.setStatus('ready');
    } catch (error) {
      await this.end();
      this.setStatus('dead');
      throw error;
    }
  }

  private spawn(): void {
    const launch = this.part.launch();
    mkdirSync(this.surroundings.logDirectory, { recursive: true });
    const log = openSync(this.logFile, 'a');
    const startedMs = performance.now();
    const child = spawn(launch.command, [...launch.arguments], {
      detached: true,
      cwd: this.part.dataDirectory,
      stdio: ['ignore', log, log],
      env: { ...inheritedEnvironment(), ...launch.environment },
    });
    closeSync(log);
    const { pid } = child;
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    if (pid === undefined) return;
    this.surroundings.registry.add(pid);
    const niceness = nicenessOf(this.part);
    if (niceness !== 0) setNiceness(pid, niceness);
    this.surroundings.onChange();
    void this.exited.then(() => this.onExit(child, pid, performance.now() - startedMs));
  }

  private onExit(child: ChildProcess, pid: number, livedMs: number): void {
    this.surroundings.registry.remove(pid);
    if (this.child !== child) return;
    this.child = undefined;
    const wasReady = this.status === 'ready';
    if (wasReady) this.setStatus('dead');
    else this.surroundings.onChange();
    this.failures = livedMs > STEADY_AFTER_MS ? 0 : this.failures + 1;
    if (wasReady && this.part.revives) void this.revive(this.lifetime.signal);
  }

  /** Starts it again until it stays, or until someone stops it. */
  private async revive(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await delay(revivalDelayMs(this.failures - 1), undefined, { signal });
        await this.bringUp(signal);
        return;
      } catch {
        this.failures += 1;
      }
    }
  }

  /** Checks, then configures; both are tried again until the time is up, because a busy machine answers late. */
  private async becomeReady(signal: AbortSignal): Promise<void> {
    const { name, readyTimeoutMs } = this.part;
    const { child } = this;
    const deadline = performance.now() + readyTimeoutMs;
    let lastError: unknown;
    while (performance.now() < deadline) {
      signal.throwIfAborted();
      if (child === undefined || this.child !== child || child.pid === undefined) {
        throw new NotPossible(`${name} ended while it started. ${this.logTail()}`);
      }
      try {
        await this.part.check();
        await this.part.configure();
        signal.throwIfAborted();
        return;
      } catch (error) {
        lastError = error;
      }
      // Its own error says no more than that it was aborted.
      await delay(CHECK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
    const reason = lastError instanceof Error ? lastError.message : String(lastError);
    throw new NotPossible(`${name} is not ready after ${readyTimeoutMs / 1000} s: ${reason}. ${this.logTail()}`, {
      cause: lastError,
    });
  }

  private async end(): Promise<void> {
    const pid = this.child?.pid;
    const identity = pid === undefined ? undefined : identify(pid);
    if (identity !== undefined) await endGroup(identity, this.part.stopGraceMs);
    if (pid !== undefined) await this.exited;
    this.child = undefined;
  }

  private logTail(): string {
    try {
      const size = statSync(this.logFile).size;
      const tail = readFileSync(this.logFile).subarray(Math.max(0, size - LOG_TAIL_BYTES));
      return `The end of ${this.logFile}:\n${tail.toString('utf8')}`;
    } catch {
      return 'It wrote nothing.';
    }
  }

  private setStatus(status: PartStatus): void {
    this.status = status;
    this.surroundings.onChange();
  }
}
