import { setTimeout as pause } from 'node:timers/promises';
import { engine, eventually, kill, restart } from '../region/support/system';
import type { Fault, FaultKind } from './faults';

/** They come back by themselves, as execution environments do. */
const RETURNING = new Set(['api-A', 'api-B', 'tasks-A', 'tasks-B', 'front']);

/** Shorter than the deadline of a request, and longer than the lease of a claim and every timeout. */
const LASTS_MS: Readonly<Record<FaultKind, number>> = { kill: 3000, pause: 1500, 'long-pause': 18_000 };
const READY_WITHIN_MS = 120_000;

/** What is down until `lift` is called, which puts everything right again as an operator would. */
export class StandingFault {
  readonly #fault: Fault;
  readonly #pids: readonly (readonly [name: string, pid: number])[];

  private constructor(fault: Fault, pids: readonly (readonly [string, number])[]) {
    this.#fault = fault;
    this.#pids = pids;
  }

  /** @throws Error if a process is not there */
  static strike(fault: Fault): StandingFault {
    const pids = fault.engines.map((name) => [name, pidOf(name)] as const);
    for (const [name, pid] of pids) {
      if (fault.kind === 'kill') kill(name);
      else process.kill(pid, 'SIGSTOP');
    }
    return new StandingFault(fault, pids);
  }

  /** Resolves when the fault has lasted as long as it should at least. */
  async last(): Promise<void> {
    await pause(LASTS_MS[this.#fault.kind]);
  }

  /** Safe to call again. */
  async lift(): Promise<void> {
    if (this.#fault.kind === 'kill') await Promise.all(this.#pids.map(([name, pid]) => bringBack(name, pid)));
    else for (const [, pid] of this.#pids) process.kill(pid, 'SIGCONT');
  }
}

async function bringBack(name: string, killedPid: number): Promise<void> {
  if (!RETURNING.has(name)) {
    await eventually(() => engine(name).pid !== killedPid);
    if (engine(name).pid === null) await restart(name);
  }
  await eventually(() => ![null, killedPid].includes(engine(name).pid), READY_WITHIN_MS);
}

function pidOf(name: string): number {
  const { pid } = engine(name);
  if (pid === null || pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}
