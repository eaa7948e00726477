import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MeasuredSystem } from '../job';
import { WORK_DIRECTORY } from '../root';
import { runCommand } from './command';

export interface Import {
  readonly members: number;
  readonly elapsedMs: number;
  /** Start of the command and reading of the file, which a dry run takes as well. */
  readonly overheadMs: number;
}

/**
 * Registers generated members by the command that everyone uses, and says how long that took. On a machine that is
 * overloaded a line may be given up on; those that were registered count.
 */
export async function importGenerated(
  { directory }: Pick<MeasuredSystem, 'directory'>,
  members: number,
  run: string,
  signal: AbortSignal,
): Promise<Import> {
  await mkdir(WORK_DIRECTORY, { recursive: true });
  const file = join(WORK_DIRECTORY, `members-${run}.csv`);
  const seed = String(Number.parseInt(run, 36) % 1_000_000_000);
  await runCommand(
    ['scripts/generate-members.ts', '--members', String(members), '--out', file, '--seed', seed],
    signal,
  );
  const importing = ['cli/import.ts', file, '--directory', directory, '--scope', run, '--quiet', '--json'];
  const dryRun = await runCommand([...importing, '--dry-run'], signal);
  const { elapsedMs, output } = await runCommand(importing, signal);
  const { files } = JSON.parse(output) as { files: { tally: { registered: number } }[] };
  const registered = files.reduce((sum, { tally }) => sum + tally.registered, 0);
  return { members: registered, elapsedMs, overheadMs: dryRun.elapsedMs };
}
