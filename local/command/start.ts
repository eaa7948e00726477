import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';
import { pageStatus, serveConsole } from '../console';
import { NotPossible } from '../engines';
import { layOut, type RunningSystem, startSystem } from '../system';
import { assertFree, dangerOf } from '../system/free-ports';
import type { LocalArguments } from './arguments';
import { letItAct } from './automation';
import {
  askControl,
  type ControlAnswer,
  type ControlRequest,
  controlPath,
  type StatusReport,
  serveControl,
} from './control';
import { assertMemory } from './memory';
import { welcomeText } from './print';
import { seededAccount, seedMembers } from './seed';

const INTERRUPTED = 130;
const SAME_KEY_PRESS_MS = 300;
/** A third Ctrl-C ends at once; the next start then finds and ends what is left. */
const PATIENCE = 3;

/** A local system in the foreground, from the command to its end. */
class Foreground {
  private readonly abort = new AbortController();
  private system: RunningSystem | undefined;
  private control: Server | undefined;
  private console: HttpServer | undefined;
  private phase: 'starting' | 'running' | 'stopping' = 'starting';
  private isHeard = true;
  private interrupts = 0;
  private interruptedMs = Number.NEGATIVE_INFINITY;
  private readonly beganMs = performance.now();

  constructor(private readonly args: LocalArguments) {}

  async run(): Promise<number> {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.interrupt());
    // Nobody reads what we say any more: the terminal is gone, or the pipe.
    process.stdout.on('error', () => {
      this.isHeard = false;
      this.abort.abort(new NotPossible('The output was closed'));
    });
    try {
      await this.start();
    } catch (error) {
      this.close();
      if (this.abort.signal.aborted) {
        this.tell('Everything that was started is stopped');
        return INTERRUPTED;
      }
      throw error;
    }
    if (!this.abort.signal.aborted) await this.untilStopped();
    this.phase = 'stopping';
    await this.system?.stop();
    this.tell('Everything is stopped');
    this.close();
    return 0;
  }

  private async start(): Promise<void> {
    const { args } = this;
    const danger = args.portBase === undefined ? undefined : dangerOf(args.portBase);
    if (danger !== undefined) this.tell(danger);
    this.system = await startSystem({
      directory: args.directory,
      ...(args.portBase === undefined ? {} : { portBase: args.portBase }),
      fresh: args.fresh,
      faults: args.faults,
      signal: this.abort.signal,
      onProgress: (message) => this.tell(message),
      onBegin: (system) => this.open(system),
      prepare: (system) => this.prepare(system),
    });
    this.phase = 'running';
    const { state, layout } = this.system;
    process.stdout.write(`${welcomeText(state, this.elapsedS(), seededAccount(layout))}\n`);
  }

  private async prepare(system: RunningSystem): Promise<void> {
    const { args, abort } = this;
    if (args.seed) await seedMembers(system, args.members, (message) => this.tell(message), abort.signal);
    if (args.automatic) await letItAct(system, abort.signal);
  }

  private async open(system: RunningSystem): Promise<void> {
    this.system = system;
    this.control = await serveControl(controlPath(this.args.directory), (request) => this.answer(request));
    const { state } = system;
    const port = Number(new URL(state.console).port);
    await assertFree([port]);
    this.console = await serveConsole(port, () => pageStatus(this.report(system), state));
  }

  private report(system: RunningSystem): StatusReport {
    return {
      phase: this.phase,
      pid: process.pid,
      directory: this.args.directory,
      engines: system.report,
      databases: system.clusterReport,
    };
  }

  private close(): void {
    this.control?.close();
    this.console?.close();
    this.console?.closeAllConnections();
  }

  private async answer(request: ControlRequest): Promise<ControlAnswer> {
    const { system } = this;
    if (system === undefined) return { done: false, reason: 'not yet started' };
    switch (request.command) {
      case 'status':
        return { done: true, status: this.report(system) };
      case 'restart':
        if (this.phase !== 'running') return { done: false, reason: `The system is ${this.phase}.` };
        await system.restart(request.engine);
        return { done: true };
      case 'lose':
        if (this.phase !== 'running') return { done: false, reason: `The system is ${this.phase}.` };
        await system.lose(request.region);
        return { done: true };
      case 'restore':
        return { done: true, kept: await system.openKept(request.engine) };
      case 'links':
        return { done: true, links: system.links.report };
      case 'set-links':
        return { done: true, links: system.links.set(request.links, request.state) };
      case 'stop':
        this.abort.abort(new NotPossible('The system was told to stop'));
        await system.stop();
        return { done: true };
    }
  }

  private untilStopped(): Promise<void> {
    return new Promise((resolve) => {
      this.abort.signal.addEventListener('abort', () => resolve());
    });
  }

  private interrupt(): void {
    // One key press may arrive twice: from the terminal, and from the process that started this one.
    const nowMs = performance.now();
    if (nowMs - this.interruptedMs < SAME_KEY_PRESS_MS) return;
    this.interruptedMs = nowMs;
    this.interrupts += 1;
    this.tell(this.interrupts === 1 ? 'Stopping' : 'Stopping; once more to leave it to the next start');
    if (this.interrupts >= PATIENCE) process.exit(INTERRUPTED);
    this.abort.abort(new NotPossible('Interrupted'));
  }

  private elapsedS(): number {
    return (performance.now() - this.beganMs) / 1000;
  }

  private tell(message: string): void {
    if (!this.isHeard) return;
    process.stdout.write(`[${this.elapsedS().toFixed(1).padStart(5)} s] ${message}\n`);
  }
}

/** Starts the local system and stays until it is told to stop. @returns the exit code */
export async function start(args: LocalArguments): Promise<number> {
  const running = await askControl(controlPath(layOut(args.directory).directory), { command: 'status' });
  if (running?.done && running.status !== undefined) {
    throw new NotPossible(
      `A local system is already running from ${args.directory} (process ${running.status.pid}). ` +
        'Use it, stop it with `npm run local -- stop`, or name another --directory and --port-base.',
    );
  }
  assertMemory();
  return new Foreground(args).run();
}
