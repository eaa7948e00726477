import { decodeMemberId, type MemberIdParts, rangeOfPlacement } from '../../lambdas/shards';
import { UsageError } from '../usage';
import type { Command } from './command';

export const idCommand: Command = {
  name: 'id',
  synopsis: '<memberId>',
  summary: 'show what a member id says: where its row stands, and when and where it was drawn',
  help: `Reads the id alone; it asks no system, so it can't tell whether there is such a member.

  --json   as JSON`,
  options: {},
  async run({ values, positionals, terminal }) {
    const [memberId, ...others] = positionals;
    if (memberId === undefined || others.length > 0) throw new UsageError('Name one member id.');
    const parts = decode(memberId);
    const { unit, cluster, schema } = rangeOfPlacement(parts.placement);
    const { placement, region, layout, random } = parts;
    const shown = { memberId, placement, drawnAt: timeOf(parts), region, unit, cluster, schema, layout, random };
    terminal.out(values.json === true ? `${JSON.stringify(shown)}\n` : describe(shown));
    return 0;
  },
};

function decode(memberId: string): MemberIdParts {
  try {
    return decodeMemberId(memberId);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${memberId}: ${error.message}`, { cause: error });
    throw error;
  }
}

function timeOf({ drawnAtMs }: MemberIdParts): string {
  return new Date(drawnAtMs).toISOString();
}

function describe(shown: Readonly<Record<string, string | number>>): string {
  const width = Math.max(...Object.keys(shown).map((name) => name.length));
  return Object.entries(shown)
    .map(([name, value]) => `${name.padEnd(width)}  ${value}\n`)
    .join('');
}
