import { readdirSync, readFileSync } from 'node:fs';

/** Of the kernel's clock, by which it counts the time of processes; the same on every Linux that Node runs on. */
const TICKS_PER_S = 100;
const MICROSECONDS_PER_TICK = 1e6 / TICKS_PER_S;

interface ProcessTimes {
  readonly parentPid: number;
  readonly ownUs: number;
  /** Of children that ended and were waited for. */
  readonly childrenUs: number;
}

/** @param text of `/proc/<pid>/stat`; the name in brackets may hold anything, so fields count from the last bracket */
export function parseStat(text: string): ProcessTimes {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (index: number) => Number(fields[index]) * MICROSECONDS_PER_TICK;
  return { parentPid: Number(fields[1]), ownUs: ticks(11) + ticks(12), childrenUs: ticks(13) + ticks(14) };
}

function timesOf(pid: number): ProcessTimes | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended.
    return undefined;
  }
}

/** CPU time that a process has used so far, all its threads, in microseconds; 0 for one that is gone. */
export function cpuTimeUs(pid: number): number {
  return timesOf(pid)?.ownUs ?? 0;
}

/** CPU time of several processes, by name. */
export function cpuTimesUs(pids: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuTimeUs(pid)]));
}

export function differenceUs(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, us]) => [name, Math.max(0, us - (before[name] ?? 0))]));
}

/** @param text of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal */
export function parseBusyUs(text: string): number {
  const fields = text.slice(0, text.indexOf('\n')).trim().split(/\s+/).slice(1, 9).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return (user + nice + system + irq + softirq + steal) * MICROSECONDS_PER_TICK;
}

/** Tells how much of the machine others used, between two looks. */
export class ForeignLoad {
  readonly #roots: readonly number[];
  #atMs = 0;
  #foreignUs = 0;

  /** @param roots processes that belong to the bench, with all their descendants */
  constructor(roots: readonly number[]) {
    this.#roots = roots;
    this.coresSinceLastLook();
  }

  /** Cores that others kept busy since the last look, on average. Short-lived processes of ours may count as others. */
  coresSinceLastLook(): number {
    const nowMs = performance.now();
    const foreignUs = parseBusyUs(readFileSync('/proc/stat', 'utf8')) - this.#oursUs();
    const cores = (foreignUs - this.#foreignUs) / ((nowMs - this.#atMs) * 1000);
    this.#atMs = nowMs;
    this.#foreignUs = foreignUs;
    return Math.max(0, cores);
  }

  #oursUs(): number {
    const all = new Map<number, ProcessTimes>();
    for (const name of readdirSync('/proc')) {
      const times = /^\d+$/.test(name) ? timesOf(Number(name)) : undefined;
      if (times !== undefined) all.set(Number(name), times);
    }
    const isOurs = (pid: number): boolean => {
      const times = all.get(pid);
      return times !== undefined && (this.#roots.includes(pid) || isOurs(times.parentPid));
    };
    let sumUs = 0;
    for (const [pid, { ownUs, childrenUs }] of all) if (isOurs(pid)) sumUs += ownUs + childrenUs;
    return sumUs;
  }
}
