import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NotPossible, type OnProgress } from '../engines';
import type { Layout, RunningSystem } from '../system';

const REPOSITORY = join(__dirname, '..', '..');
const RUN_TYPESCRIPT = join(REPOSITORY, 'scripts', 'run-ts.mjs');
/** The import finishes what is in flight first. */
const STOP_GRACE_MS = 10_000;
const FIRST_LINES_BYTES = 65_536;

function membersFile(layout: Layout): string {
  return join(layout.seed, 'members.csv');
}

/** Runs a command of this repository to its end, with its progress in our terminal. */
async function runCommand(system: RunningSystem, args: readonly string[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [RUN_TYPESCRIPT, ...args], {
    cwd: REPOSITORY,
    // A group of its own: a Ctrl-C reaches it by `signal`, once.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { pid } = child;
  if (pid !== undefined) system.adopt(pid);
  const send = (name: 'SIGTERM' | 'SIGKILL') => {
    if (pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-pid, name);
  };
  const stop = () => {
    send('SIGTERM');
    void delay(STOP_GRACE_MS, undefined, { ref: false }).then(() => send('SIGKILL'));
  };
  signal.addEventListener('abort', stop);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('exit', resolve);
    });
    signal.throwIfAborted();
    if (code !== 0) throw new NotPossible(`\`${args.join(' ')}\` ended with ${code}.`);
  } finally {
    signal.removeEventListener('abort', stop);
    if (pid !== undefined) system.release(pid);
  }
}

interface Seeded {
  readonly members: number;
}

function seededBefore(layout: Layout): Seeded | undefined {
  if (!existsSync(layout.seeded)) return undefined;
  return JSON.parse(readFileSync(layout.seeded, 'utf8')) as Seeded;
}

/**
 * Brings the first members in through the import that everyone uses, once in the life of a directory.
 * An interrupted one goes on at the next start where it was.
 */
export async function seedMembers(
  system: RunningSystem,
  members: number,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const { layout } = system;
  const before = seededBefore(layout);
  if (before !== undefined) {
    if (before.members !== members) {
      onProgress(`The ${before.members} members of the first start stay; --fresh begins anew with ${members}`);
    }
    return;
  }
  if (members === 0) return;
  onProgress(`Importing ${members} generated members through the API`);
  await mkdir(layout.seed, { recursive: true });
  const file = membersFile(layout);
  await runCommand(system, ['scripts/generate-members.ts', '--members', String(members), '--out', file], signal);
  await runCommand(system, ['cli/import.ts', file, '--directory', layout.directory], signal);
  await writeFile(layout.seeded, JSON.stringify({ members } satisfies Seeded));
}

/** An account on platform `app` that one of the first members has; undefined where none were brought in. */
export function seededAccount(layout: Layout): string | undefined {
  const path = membersFile(layout);
  if (seededBefore(layout) === undefined || !existsSync(path)) return undefined;
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(FIRST_LINES_BYTES);
    const text = buffer.toString('utf8', 0, readSync(file, buffer));
    return /""app:(\w+)""/.exec(text)?.[1];
  } finally {
    closeSync(file);
  }
}
