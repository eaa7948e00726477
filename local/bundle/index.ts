/** Before any step: builds the bundles of the functions and of the local processes that run them. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { HANDLERS } from '../../topology';
import { BUNDLE_OPTIONS } from './options';

export { BUNDLE_OPTIONS } from './options';

export interface Bundle {
  /** Path below the output directory: `functions/members.cjs`. */
  readonly file: string;
  readonly bytes: number;
}

const ROOT = resolve(__dirname, '..', '..');

const PROCESSES = {
  'function-process': 'local/gateway/function-process.ts',
  'front-process': 'local/front/front-process.ts',
} as const;

/** Where a handler's bundle stands below the output directory of `bundleAll`. */
export function functionBundle(outDir: string, handler: string): string {
  return join(outDir, 'functions', `${handler}.cjs`);
}

/** Where the bundle of a local process stands below the output directory of `bundleAll`. */
export function processBundle(outDir: string, name: keyof typeof PROCESSES): string {
  return join(outDir, 'processes', `${name}.cjs`);
}

function handlerFile(handler: string): string {
  return join('lambdas', 'handlers', `${handler}.ts`);
}

async function bundle(entries: Readonly<Record<string, string>>, outDir: string): Promise<Bundle[]> {
  const result = await build({
    ...BUNDLE_OPTIONS,
    plugins: [...BUNDLE_OPTIONS.plugins],
    mainFields: [...BUNDLE_OPTIONS.mainFields],
    absWorkingDir: ROOT,
    entryPoints: { ...entries },
    outdir: outDir,
  });
  return Object.entries(result.metafile.outputs)
    .filter(([path]) => path.endsWith('.cjs'))
    .map(([path, output]) => ({ file: join(basename(outDir), basename(path)), bytes: output.bytes }));
}

/**
 * Bundles every handler that the topology names and the local processes.
 *
 * @param outDir receives `functions/<handler>.cjs` and `processes/<name>.cjs`, with source maps beside them
 * @throws Error that lists every handler whose file is missing, or esbuild's errors; nothing is written for the former
 */
export async function bundleAll(outDir: string): Promise<readonly Bundle[]> {
  const missing = HANDLERS.filter((handler) => !existsSync(join(ROOT, handlerFile(handler))));
  if (missing.length > 0) {
    throw new Error(`The topology names handlers that have no file: ${missing.map(handlerFile).join(', ')}`);
  }
  const directory = resolve(outDir);
  const functions = Object.fromEntries(HANDLERS.map((handler) => [handler, handlerFile(handler)]));
  const [ofFunctions, ofProcesses] = await Promise.all([
    bundle(functions, join(directory, 'functions')),
    bundleProcesses(directory),
  ]);
  return [...ofFunctions, ...ofProcesses];
}

/** Bundles the local processes only. */
export function bundleProcesses(outDir: string): Promise<readonly Bundle[]> {
  return bundle(PROCESSES, join(resolve(outDir), 'processes'));
}
