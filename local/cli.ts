import { join } from 'node:path';
import { REGIONS } from '../topology';
import { HELP, type LocalArguments, readArguments, WrongUsage } from './command/arguments';
import { askControl, type ControlRequest, controlPath } from './command/control';
import { linksText, statusText } from './command/print';
import { start } from './command/start';
import { NotPossible } from './engines';
import { holderOf } from './engines/install/lock-file';
import { isRunning } from './engines/install/process-identity';
import type { LinkState } from './faults';
import { layOut } from './system';
import { endLeftovers } from './system/process-registry';

const EXIT = { done: 0, failed: 1, wrongUsage: 2, notPossible: 3, notRunning: 4 } as const;
const REPOSITORY = join(__dirname, '..');

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function notRunning(args: LocalArguments): number {
  process.stderr.write(`No local system is running from ${args.directory}.\n`);
  return EXIT.notRunning;
}

async function status(args: LocalArguments): Promise<number> {
  const answer = await askControl(controlPath(args.directory), { command: 'status' });
  if (answer === undefined || !answer.done || answer.status === undefined) {
    if (!args.json) return notRunning(args);
    print(JSON.stringify({ phase: 'stopped', directory: args.directory, engines: [] }));
    return EXIT.notRunning;
  }
  print(args.json ? JSON.stringify(answer.status, undefined, 2) : statusText(answer.status));
  return EXIT.done;
}

/** Has something done that has no answer, and says that it is done. @throws NotPossible */
async function have(args: LocalArguments, request: ControlRequest, done: string): Promise<number> {
  const answer = await askControl(controlPath(args.directory), request);
  if (answer === undefined) return notRunning(args);
  if (!answer.done) throw new NotPossible(answer.reason);
  print(done);
  return EXIT.done;
}

function restart(args: LocalArguments): Promise<number> {
  const { engine = '' } = args;
  return have(args, { command: 'restart', engine }, `${isRegion(engine) ? `Region ${engine}` : engine} runs again.`);
}

function lose(args: LocalArguments): Promise<number> {
  const { engine: region = '' } = args;
  return have(args, { command: 'lose', region }, `Nothing of region ${region} runs any more.`);
}

async function restore(args: LocalArguments): Promise<number> {
  const { engine = '' } = args;
  const answer = await askControl(controlPath(args.directory), { command: 'restore', engine });
  if (answer === undefined) return notRunning(args);
  if (!answer.done) throw new NotPossible(answer.reason);
  print(`What ${engine} had written answers on ${answer.kept?.host}:${answer.kept?.port} (${answer.kept?.snapshot}).`);
  return EXIT.done;
}

function isRegion(name: string): boolean {
  return REGIONS.some((region) => region === name);
}

async function stop(args: LocalArguments): Promise<number> {
  const answer = await askControl(controlPath(args.directory), { command: 'stop' });
  if (answer !== undefined) {
    if (!answer.done) throw new NotPossible(answer.reason);
    print('Everything is stopped.');
    return EXIT.done;
  }
  const layout = layOut(args.directory);
  const holder = await holderOf(layout.lock);
  if (holder !== undefined && isRunning(holder)) {
    throw new NotPossible(
      `Process ${holder.pid} runs from ${args.directory} but does not answer; end it and try again.`,
    );
  }
  const ended = await endLeftovers(layout.processes);
  print(ended === 0 ? 'Nothing was running.' : `Ended ${ended} processes that a killed run had left behind.`);
  return EXIT.done;
}

/** @throws NotPossible */
async function askLinks(args: LocalArguments, request: ControlRequest): Promise<number> {
  const answer = await askControl(controlPath(args.directory), request);
  if (answer === undefined) return notRunning(args);
  if (!answer.done) throw new NotPossible(answer.reason);
  const links = answer.links ?? [];
  print(args.json ? JSON.stringify(links, undefined, 2) : linksText(links));
  return EXIT.done;
}

function setLinks(state: (args: LocalArguments) => LinkState) {
  return (args: LocalArguments) => askLinks(args, { command: 'set-links', links: args.links, state: state(args) });
}

const COMMANDS = {
  start,
  stop,
  status,
  restart,
  lose,
  restore,
  links: (args: LocalArguments) => askLinks(args, { command: 'links' }),
  cut: setLinks(() => ({ kind: 'cut' })),
  slow: setLinks(({ delayMs }) => ({ kind: 'slow', delayMs })),
  heal: setLinks(() => ({ kind: 'open' })),
};

async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2), REPOSITORY);
  if (args.help) {
    print(HELP);
    return EXIT.done;
  }
  return COMMANDS[args.command](args);
}

/** No right, no space, a file system that can't be written: nothing that a stack trace would help with. */
function isOfThisMachine(error: unknown): error is NodeJS.ErrnoException {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR'].includes(code);
}

function explain(error: unknown): number {
  if (error instanceof WrongUsage) {
    process.stderr.write(`${error.message}\nSee npm run local -- --help\n`);
    return EXIT.wrongUsage;
  }
  if (error instanceof NotPossible) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.notPossible;
  }
  if (isOfThisMachine(error)) {
    process.stderr.write(`This machine does not let us: ${error.message}\n`);
    return EXIT.notPossible;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.failed;
}

main()
  .catch(explain)
  // What is still open (a connection that a driver keeps) must not hold the command.
  .then((code) => process.exit(code));
