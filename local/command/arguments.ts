import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PORTS_TAKEN } from '../engines/ports';

const COMMANDS = ['start', 'stop', 'status', 'restart', 'lose', 'restore', 'links', 'cut', 'slow', 'heal'] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface LocalArguments {
  readonly command: CommandName;
  /** Engine or region to restart, region to lose, or database server whose kept data is to be read. */
  readonly engine?: string;
  /** Links to cut, slow or heal. */
  readonly links: readonly string[];
  /** How much later answers arrive over links that are slowed. */
  readonly delayMs: number;
  readonly directory: string;
  readonly portBase?: number;
  readonly fresh: boolean;
  readonly faults: boolean;
  readonly seed: boolean;
  readonly members: number;
  /** Whether a new system is let act by itself when something is lost. */
  readonly automatic: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** The command line can't be understood; the message says what it may be. */
export class WrongUsage extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongUsage';
  }
}

const OPTIONS = {
  directory: { type: 'string' },
  'port-base': { type: 'string' },
  fresh: { type: 'boolean', default: false },
  'no-seed': { type: 'boolean', default: false },
  faults: { type: 'boolean', default: false },
  'by-hand': { type: 'boolean', default: false },
  members: { type: 'string' },
  'delay-ms': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const DEFAULT_MEMBERS = 5000;
export const DEFAULT_DELAY_MS = 300;
const LONGEST_DELAY_MS = 60_000;
const MOST_MEMBERS = 10_000_000;
const HIGHEST_PORT = 65_535;
const LOWEST_PORT = 1024;

export const HELP = `Two regions on this machine, on real engines.

  npm run local                           start, and stay until Ctrl-C
  npm run local -- status [--json]        what runs
  npm run local -- restart <engine>       end an engine or a process of functions if it runs, and start it with its data
  npm run local -- lose <region>          kill every process of a region at once; none of it comes back by itself
  npm run local -- restart <region>       start all of it again, with its data
  npm run local -- restore <server>       have what was kept aside of a returned writer be read, until the system ends
  npm run local -- stop                   stop what runs

Of a system that was started with --faults
  npm run local -- links [--json]         the links between callers and engines
  npm run local -- cut <link>...          nothing passes any more; an engine's name means all links to it, \`regions\` all
                                          between the two regions
  npm run local -- slow <link>... [--delay-ms N]   answers come N ms later (${DEFAULT_DELAY_MS})
  npm run local -- heal [<link>...]       as they were; all of them where none is named

Options of the start
  --fresh            forget the data of earlier runs (what was installed stays)
  --members N        members to begin with (${DEFAULT_MEMBERS})
  --faults           callers reach engines by links that can be cut and slowed
  --no-seed          begin without members
  --by-hand          leave the switch failover/auto off in a new system: what is lost is then taken care of by you
  --port-base N      console at N, region A at N+1, region B at N+2, AWS APIs at N+3, engines from N+20
                     (8080, 8081, 8082, 4566 and 8100 without it)
Options of every command
  --directory D      where data, logs and state.json are kept (.local, or what TWINKEEP_DIRECTORY says)
  --help

Ends with 0 when done, 1 when something failed, 2 for a wrong command line, 3 when it can't start here
(a port is taken, too little memory, something must be installed), 4 when nothing runs, 130 after Ctrl-C.`;

/** A whole number within bounds. @throws WrongUsage */
function wholeNumber(option: string, text: string, lowest: number, highest: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= lowest && value <= highest) return value;
  throw new WrongUsage(`--${option} takes a whole number from ${lowest} to ${highest}, not "${text}".`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    const options = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new WrongUsage(`${reason}. There are: ${options.join(', ')}.`);
  }
}

function commandOf(word: string): CommandName {
  const command = COMMANDS.find((name) => name === word);
  if (command !== undefined) return command;
  throw new WrongUsage(`There is no command "${word}". There are: ${COMMANDS.join(', ')}.`);
}

const NAMING_ONE: readonly CommandName[] = ['restart', 'lose', 'restore'];
const LINK_COMMANDS: readonly CommandName[] = ['cut', 'slow', 'heal'];

/** @throws WrongUsage for names that are missing, or too many */
function checkNames(command: CommandName, names: readonly string[]): void {
  if (command === 'restart' && names.length === 0) {
    throw new WrongUsage('restart takes the name of an engine; `npm run local -- status` lists them.');
  }
  if (command === 'lose' && names.length === 0) throw new WrongUsage('lose takes the name of a region, A or B.');
  if (command === 'restore' && names.length === 0) {
    throw new WrongUsage('restore takes the name of a database server; `npm run local -- status` says what was kept.');
  }
  if ((command === 'cut' || command === 'slow') && names.length === 0) {
    throw new WrongUsage(`${command} takes what to ${command}; \`npm run local -- links\` lists it.`);
  }
  if (LINK_COMMANDS.includes(command)) return;
  const tooMany = NAMING_ONE.includes(command) ? names.slice(1) : names;
  if (tooMany.length > 0) throw new WrongUsage(`${command} takes no "${tooMany.join(' ')}".`);
}

/** @throws WrongUsage that says what is wrong and what exists */
export function readArguments(args: readonly string[], repository: string): LocalArguments {
  const { values, positionals } = parse(args);
  const [word = 'start', ...names] = positionals;
  const command = commandOf(word);
  if (!values.help) checkNames(command, names);
  const [engine] = NAMING_ONE.includes(command) ? names : [];
  const portBase = values['port-base'];
  const directory = values.directory ?? process.env.TWINKEEP_DIRECTORY;
  const delayMs = values['delay-ms'];
  return {
    command,
    ...(engine === undefined ? {} : { engine }),
    links: LINK_COMMANDS.includes(command) ? names : [],
    delayMs: delayMs === undefined ? DEFAULT_DELAY_MS : wholeNumber('delay-ms', delayMs, 1, LONGEST_DELAY_MS),
    directory: directory === undefined ? resolve(repository, '.local') : resolve(directory),
    ...(portBase === undefined
      ? {}
      : { portBase: wholeNumber('port-base', portBase, LOWEST_PORT, HIGHEST_PORT - PORTS_TAKEN) }),
    fresh: values.fresh,
    faults: values.faults,
    seed: !values['no-seed'],
    members: values.members === undefined ? DEFAULT_MEMBERS : wholeNumber('members', values.members, 0, MOST_MEMBERS),
    automatic: !values['by-hand'],
    json: values.json,
    help: values.help,
  };
}
