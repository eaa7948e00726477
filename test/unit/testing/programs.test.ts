import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { identify } from '../../../local/engines/install/process-identity';
import { runProgram } from '../../../scripts/testing/programs';
import { temporaryDirectory } from '../../support/directory';

const directory = temporaryDirectory('programs');

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(20);
}

/** A program that starts another one, which writes down who it is and would run for long. */
function startsAnother(name: string) {
  const file = join(directory, name);
  const ending = new AbortController();
  const command = ['/bin/sh', '-c', `sleep 600 & echo $! > ${file}.new; mv ${file}.new ${file}; wait`];
  return { command, ending, pid: () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined) };
}

test('a program that is ended takes along what it has started', async () => {
  const { command, ending, pid } = startsAnother('ended');
  const ended = runProgram(command, { signal: ending.signal });
  await until(() => pid() !== undefined);
  ending.abort();
  expect(await ended).toBe(false);
  await until(() => identify(pid() ?? 0) === undefined);
});

test('a program gives way until others have ended', async () => {
  const { command, ending, pid } = startsAnother('giving-way');
  const others = new AbortController();
  const ended = runProgram(command, { signal: ending.signal, givesWay: { niceness: 10, until: others.signal } });
  await until(() => pid() !== undefined);
  const leader = Number(readFileSync(`/proc/${pid()}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  expect(getPriority(leader)).toBe(10);
  others.abort();
  expect(getPriority(leader)).toBe(process.getuid?.() === 0 ? 0 : 10);
  ending.abort();
  expect(await ended).toBe(false);
});
