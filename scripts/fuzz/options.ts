import { budgetMsOf, parseWords, seedOf, UsageError } from '../testing/options';

export interface FuzzOptions {
  /** For all requests of the fuzzer together; starting and stopping the system comes on top. */
  readonly budgetMs: number;
  readonly seed: number;
}

const DEFAULT_BUDGET_MIN = 6;

export const USAGE = `npm run test:fuzz -- [options]

Starts a whole system of its own, and lets schemathesis call the API of both regions, in each traffic class, by what
/openapi.json says of it. Fails on any answer that the document does not describe.

  --budget MINUTES   for how long requests are made (default ${DEFAULT_BUDGET_MIN})
  --seed N           makes the requests of an earlier run again; without it, one is drawn and printed
`;

/** @throws UsageError */
export function readOptions(words: readonly string[]): FuzzOptions | 'help' {
  const values = parseWords(words, {
    budget: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return 'help';
  const budgetMs = budgetMsOf(values.budget ?? String(DEFAULT_BUDGET_MIN));
  if (budgetMs <= 0) throw new UsageError('--budget must be more than 0 minutes.');
  return { budgetMs, seed: seedOf(values.seed) };
}
