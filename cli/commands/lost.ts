import type { Arbiter, LostEntry } from '../../lambdas/arbiter';
import { rangeOf } from '../../lambdas/shards';
import { UNITS } from '../../topology';
import { openArbiter } from '../arbiter';
import { readState } from '../state';
import { EXIT, UsageError } from '../usage';
import type { Command } from './command';
import { directoryOf, reasonOf } from './system-options';

/** An entry, and the unit whose member it is about. */
export interface Listed extends LostEntry {
  readonly unit: string;
}

type Call = Parameters<Command['run']>[0];

/** Does something at the arbiter, and says what is the case where it does not answer. */
export async function atArbiter(
  { values, terminal }: Call,
  act: (arbiter: Arbiter) => Promise<number>,
): Promise<number> {
  const arbiter = openArbiter(await readState(directoryOf(values)));
  try {
    return await act(arbiter);
  } catch (error) {
    terminal.error(`The list can't be read or changed now: ${reasonOf(error)}\n`);
    return EXIT.unreachable;
  } finally {
    arbiter.close();
  }
}

/** @throws UsageError unless a unit that there is, or none, is named */
export function unitsNamed([name, ...others]: readonly string[]): readonly string[] {
  const names = UNITS.map((unit) => unit.name);
  if (name === undefined) return names;
  if (others.length === 0 && names.includes(name)) return [name];
  throw new UsageError(`Name one unit, or none: ${names.join(', ')}.`);
}

/** @throws UsageError unless exactly one member is named */
export function memberNamed([memberId, ...others]: readonly string[]): string {
  if (memberId !== undefined && others.length === 0 && /^\d{1,19}$/.test(memberId)) return memberId;
  throw new UsageError('Name one member, by the decimal id.');
}

export async function listedOf(arbiter: Arbiter, units: readonly string[], also?: 'handled'): Promise<Listed[]> {
  const found = await Promise.all(
    units.map(async (unit) => (await arbiter.lost.list(unit, also)).map((entry) => ({ ...entry, unit }))),
  );
  return found.flat();
}

export async function listedOfMember(arbiter: Arbiter, memberId: string, also?: 'handled'): Promise<Listed[]> {
  const listed = await listedOf(arbiter, [rangeOf(memberId).unit], also);
  return listed.filter((entry) => entry.memberId === memberId);
}
