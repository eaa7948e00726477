import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Part } from './part';

/** What cannot be answered must at least be refused soon, however busy the engines are with what was let in. */
export const API_NICENESS = -5;
/** Whoever carries on what was answered long ago. */
const BACKGROUND_NICENESS = 5;

/**
 * Who goes first where the processors are too few for all of the parts: 1 less is a quarter more of them. In AWS each part has
 * machines of its own, and what follows a write, or serves another class, takes nothing from whoever answers class order.
 */
export function nicenessOf({ kind, role }: Pick<Part, 'kind' | 'role'>): number {
  switch (kind) {
    case 'functions':
      return role === 'api' ? API_NICENESS : BACKGROUND_NICENESS;
    case 'sqs':
      return BACKGROUND_NICENESS;
    case 'opensearch':
      return role === 'order' ? 0 : BACKGROUND_NICENESS;
    default:
      return 0;
  }
}

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
