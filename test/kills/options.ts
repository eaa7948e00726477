import { budgetMsOf, parseWords, seedOf, UsageError } from '../../scripts/testing/options';
import { ENGINES } from './faults';

export interface KillOptions {
  readonly budgetMs: number;
  readonly seed: number;
  /** Faults of these processes only. */
  readonly only: readonly string[];
  readonly json: boolean;
}

const DEFAULT_BUDGET_MIN = 10;

export const USAGE = `npm run test:kills -- [options]

Starts a whole system of its own and kills or freezes its processes under load, one after another, then at random,
one or two at a time. As many seeds in a row as there are kinds of faults strike every process by every kind.

  --budget MINUTES   no further drill, of three faults each, is begun after so long (default ${DEFAULT_BUDGET_MIN})
  --only NAME        faults of this process only; may be repeated: ${ENGINES.join(', ')}
  --seed N           other calls, and another order of random faults; without it, one is drawn and printed
  --json             one line of JSON for each drill, instead of the timeline
`;

/** @throws UsageError */
export function readOptions(words: readonly string[]): KillOptions | 'help' {
  const values = parseWords(words, {
    budget: { type: 'string' },
    only: { type: 'string', multiple: true },
    seed: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return 'help';
  const only = values.only ?? [];
  const unknown = only.filter((name) => !(ENGINES as readonly string[]).includes(name));
  if (unknown.length > 0) throw new UsageError(`There is no process ${unknown.join(', ')}.`);
  const budgetMs = budgetMsOf(values.budget ?? String(DEFAULT_BUDGET_MIN));
  return { budgetMs, seed: seedOf(values.seed), only, json: values.json ?? false };
}
