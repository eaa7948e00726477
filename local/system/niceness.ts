import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** What cannot be answered must at least be refused soon, however busy the engines are with what was let in. */
export const API_NICENESS = -5;

/**
 * Weighs a process among the others. Linux weighs sessions before it weighs the processes of each (autogroups, sched(7)), and
 * every part of the system is a session of its own. Whoever has no right to hurry a process leaves it as it is.
 */
export function setNiceness(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // It may not be hurried here, has ended already, or nobody weighs sessions.
  }
}
