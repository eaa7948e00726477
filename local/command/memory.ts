import { readFileSync } from 'node:fs';
import { NotPossible } from '../engines';

export const NEEDED_MEMORY_GIB = 6;
const KIB_PER_GIB = 1024 * 1024;

/** Memory that programs may still take, from the text of `/proc/meminfo`; undefined where it does not say. */
export function availableGib(meminfo: string): number | undefined {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo);
  return match === null ? undefined : Number(match[1]) / KIB_PER_GIB;
}

/** @throws NotPossible when the engines would not fit beside what runs already */
export function assertMemory(): void {
  const available = availableGib(readFileSync('/proc/meminfo', 'utf8'));
  if (available === undefined || available >= NEEDED_MEMORY_GIB) return;
  throw new NotPossible(
    `The engines of two regions need ${NEEDED_MEMORY_GIB} GB of memory; ${available.toFixed(1)} GB are available. ` +
      'Please end other programs, or use a larger machine.',
  );
}
