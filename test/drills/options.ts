import { join } from 'node:path';
import { parseWordsAndNames, seedOf, UsageError } from '../../scripts/testing/options';
import { ROOT } from '../../scripts/testing/programs';
import { DRILLS } from './catalogue';
import type { Drill } from './drill';

export interface DrillOptions {
  readonly drills: readonly Drill[];
  readonly seed: number;
  readonly json: boolean;
  /** File of the page. */
  readonly page: string;
}

const DEFAULT_PAGE = join('.test', 'drills.html');

export function usage(): string {
  const widest = Math.max(...DRILLS.map(({ name }) => name.length));
  const names = DRILLS.map(({ name, shows }) => `  ${name.padEnd(widest)}  ${shows}`);
  return `npm run drill -- [name...] [options]

Starts a whole system of its own, strikes it under load, and tells what callers saw. Without names all drills are run.

${names.join('\n')}

  --seed N       other calls; without it, one is drawn and printed
  --page FILE    where the page with all that was seen is written (${DEFAULT_PAGE})
  --json         one line of JSON for each drill, instead of the timeline
`;
}

/** @throws UsageError */
export function readOptions(words: readonly string[]): DrillOptions | 'help' {
  const { values, positionals } = parseWordsAndNames(words, {
    seed: { type: 'string' },
    page: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return 'help';
  const unknown = positionals.filter((name) => !DRILLS.some((drill) => drill.name === name));
  if (unknown.length > 0) throw new UsageError(`There is no drill ${unknown.join(', ')}.`);
  const drills = positionals.length === 0 ? DRILLS : DRILLS.filter(({ name }) => positionals.includes(name));
  return {
    drills,
    seed: seedOf(values.seed),
    json: values.json ?? false,
    page: values.page ?? join(ROOT, DEFAULT_PAGE),
  };
}
