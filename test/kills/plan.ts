import { Random } from '../../scripts/members/random';
import { ENGINES, FAULT_KINDS, type Fault, type FaultKind } from './faults';
import type { KillOptions } from './options';

/** How often random faults strike two processes at once. */
const PAIRS_PERCENT = 40;

/**
 * Faults without end: first each process once, each by another kind than its neighbour, then at random. A seed has the
 * same faults each time; as many seeds in a row as there are kinds strike every process by every kind.
 */
export function* planFaults({ seed, only }: Pick<KillOptions, 'seed' | 'only'>): Generator<Fault, never> {
  const names = only.length > 0 ? [...new Set(only)] : ENGINES;
  for (const [index, name] of names.entries()) yield { kind: kindAt(seed + index), engines: [name] };
  const random = new Random(seed);
  for (;;) yield randomFault(random, names);
}

function kindAt(position: number): FaultKind {
  return FAULT_KINDS[position % FAULT_KINDS.length] ?? 'kill';
}

function randomFault(random: Random, names: readonly string[]): Fault {
  const kind = random.pick(FAULT_KINDS);
  const first = random.pick(names);
  const second = random.pick(names);
  return { kind, engines: random.chance(PAIRS_PERCENT) && second !== first ? [first, second] : [first] };
}
