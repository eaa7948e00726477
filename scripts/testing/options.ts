import { randomInt } from 'node:crypto';
import { type ParseArgsConfig, parseArgs } from 'node:util';

const MS_PER_MIN = 60_000;
const SEEDS = 2 ** 31;

/** The options are not as they should be; its message says how they should. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

/** @throws UsageError for a word that is no option */
export function parseWords<T extends Options>(words: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Options, and words that are names. @throws UsageError */
export function parseWordsAndNames<T extends Options>(words: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @param text minutes, as they were given @throws UsageError */
export function budgetMsOf(text: string): number {
  return numberOf('budget', text) * MS_PER_MIN;
}

/** The seed that was given, or a new one. @throws UsageError */
export function seedOf(text: string | undefined): number {
  const seed = text === undefined ? randomInt(SEEDS) : numberOf('seed', text);
  if (!Number.isInteger(seed)) throw new UsageError('--seed must be a whole number.');
  return seed;
}

function numberOf(name: string, text: string): number {
  if (/^\d{1,10}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new UsageError(`--${name} must be a number, not ${text}.`);
}
