import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ENGINES } from './faults';

export interface KillOptions {
  readonly budgetMs: number;
  readonly seed: number;
  /** Faults of these processes only. */
  readonly only: readonly string[];
  readonly json: boolean;
}

const DEFAULT_BUDGET_MIN = 10;
const MS_PER_MIN = 60_000;
const SEEDS = 2 ** 31;

export const USAGE = `npm run test:kills -- [options]

Starts a whole system of its own and kills or freezes its processes under load, one after another, then at random.

  --budget MINUTES   no further drill, of three faults each, is begun after so long (default ${DEFAULT_BUDGET_MIN})
  --only NAME        faults of this process only; may be repeated: ${ENGINES.join(', ')}
  --seed N           other calls, and another order of random faults; without it, one is drawn and printed
  --json             one line of JSON for each drill, instead of the timeline
`;

/** The options are not as they should be; its message says how they should. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(words: readonly string[]): KillOptions | 'help' {
  const { values } = parsed(words);
  if (values.help) return 'help';
  const only = values.only ?? [];
  const unknown = only.filter((name) => !(ENGINES as readonly string[]).includes(name));
  if (unknown.length > 0) throw new UsageError(`There is no process ${unknown.join(', ')}.`);
  const budgetMin = numberOf('budget', values.budget ?? String(DEFAULT_BUDGET_MIN));
  const seed = values.seed === undefined ? randomInt(SEEDS) : numberOf('seed', values.seed);
  if (!Number.isInteger(seed)) throw new UsageError('--seed must be a whole number.');
  return { budgetMs: budgetMin * MS_PER_MIN, seed, only, json: values.json ?? false };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        budget: { type: 'string' },
        only: { type: 'string', multiple: true },
        seed: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(name: string, text: string): number {
  if (/^\d{1,10}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new UsageError(`--${name} must be a number, not ${text}.`);
}
