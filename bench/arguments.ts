import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FULL_MINUTES, QUICK_MINUTES } from './pace';

export interface BenchArguments {
  readonly only: readonly string[];
  readonly budgetMinutes: number;
  readonly isQuick: boolean;
  /** Path whose time is looked into instead of being measured. */
  readonly profile?: string;
  /** Directory of a running local system to be measured instead of one of the bench's own. */
  readonly attach?: string;
  readonly json: boolean;
  readonly writesReadme: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** The command line can't be understood; the message says what it may be. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

export const HELP = `Measures the system against what one could write by hand, and prints ratios.

  npm run bench                        everything, in at most ${FULL_MINUTES} minutes; rewrites the table in bench/README.md
  npm run bench -- --quick             in at most ${QUICK_MINUTES} minutes, with fewer rounds
  npm run bench -- --only bind,guards  these only; --list names them
  npm run bench -- --profile bind      where the time of one path goes; writes a .cpuprofile

Options
  --budget M      minutes to take instead (2 to 60), after the start and the import, which take about one
  --attach D      measure the local system that runs from this directory, instead of starting one
  --readme        rewrite the table also after --quick or --budget
  --json          print the results as JSON; progress goes to the error output
  --list          the names of what is measured
  --help

Results stand in bench/results. No figure makes the command fail. It ends with 0 when done, 1 when something could not be
measured, 2 for a wrong command line, 3 when it can't start here, 130 after Ctrl-C.`;

const OPTIONS = {
  only: { type: 'string' },
  budget: { type: 'string' },
  quick: { type: 'boolean', default: false },
  profile: { type: 'string' },
  attach: { type: 'string' },
  readme: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const LEAST_MINUTES = 2;
const MOST_MINUTES = 60;

/** @throws WrongUsage that says what is wrong and what exists */
export function readArguments(words: readonly string[], names: readonly string[]): BenchArguments {
  const values = parse(words);
  const only = (values.only ?? '').split(',').filter((name) => name !== '');
  const { profile, attach } = values;
  for (const name of [...only, ...(profile === undefined ? [] : [profile])]) assertKnown(name, names);
  if (values.quick && values.budget !== undefined) throw new WrongUsage('--quick is a budget; give one of the two.');
  const isQuick = values.quick;
  const isWhole = only.length === 0 && !isQuick && values.budget === undefined;
  return {
    only,
    isQuick,
    budgetMinutes: isQuick ? QUICK_MINUTES : readMinutes(values.budget),
    ...(profile === undefined ? {} : { profile }),
    ...(attach === undefined ? {} : { attach: resolve(attach) }),
    json: values.json,
    writesReadme: isWhole || values.readme,
    list: values.list,
    help: values.help,
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    const options = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new WrongUsage(`${reason}. There are: ${options.join(', ')}.`);
  }
}

function assertKnown(name: string, names: readonly string[]): void {
  if (!names.includes(name)) throw new WrongUsage(`There is no "${name}". There are: ${names.join(', ')}.`);
}

function readMinutes(text: string | undefined): number {
  if (text === undefined) return FULL_MINUTES;
  const minutes = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (minutes >= LEAST_MINUTES && minutes <= MOST_MINUTES) return minutes;
  throw new WrongUsage(`--budget takes minutes from ${LEAST_MINUTES} to ${MOST_MINUTES}, not "${text}".`);
}
