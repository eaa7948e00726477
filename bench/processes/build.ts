import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT, WORK_DIRECTORY } from '../root';

const PROCESSES = [
  'handler-process',
  'load-process',
  'baseline-process',
  'fixed-process',
  'searchable-process',
  'replay-process',
  'guards-process',
  'start-up-process',
  'profile-process',
  'storm-process',
] as const;

export type BenchProcess = (typeof PROCESSES)[number];

const DIRECTORY = join(WORK_DIRECTORY, 'processes');

export function processFile(name: BenchProcess): string {
  return join(DIRECTORY, `${name}.cjs`);
}

/**
 * Bundles the processes that measure. Run from TypeScript by a loader they would be slower than what they measure: it
 * sets the name of every function each time that one is made.
 */
export async function buildProcesses(): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: PROCESSES.map((name) => join('bench', 'processes', `${name}.ts`)),
    outdir: DIRECTORY,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    logLevel: 'silent',
  });
}
