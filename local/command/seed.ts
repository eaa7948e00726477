import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnProgress } from '../engines';
import type { Layout, RunningSystem } from '../system';
import { runCommand } from './run-command';

const FIRST_LINES_BYTES = 65_536;

function membersFile(layout: Layout): string {
  return join(layout.seed, 'members.csv');
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
