import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleAll, functionBundle } from '../local/bundle';

/** The code of the functions, by handler. */
export interface Bundles {
  /** A directory that holds `<handler>.cjs` and nothing else. */
  directory(handler: string): string;
  /** Tells one code from another. */
  digest(handler: string): string;
}

/**
 * Builds the bundles that `npm run local` runs, and lays each into a directory of its own, because that is what is
 * uploaded. Maps of the sources stay behind: they would be loaded at every start.
 *
 * @throws Error if a handler has no file, or esbuild's errors
 */
export async function buildBundles(outDir: string, handlers: readonly string[]): Promise<Bundles> {
  rmSync(outDir, { recursive: true, force: true });
  await bundleAll(outDir);
  const built = bundlesIn(outDir);
  for (const handler of handlers) {
    mkdirSync(built.directory(handler), { recursive: true });
    cpSync(functionBundle(outDir, handler), join(built.directory(handler), `${handler}.cjs`));
  }
  return built;
}

/** Those that `buildBundles` has laid there. */
export function bundlesIn(outDir: string): Bundles {
  return {
    directory: (handler) => join(outDir, 'upload', handler),
    digest: (handler) =>
      createHash('sha256')
        .update(readFileSync(functionBundle(outDir, handler)))
        .digest('hex'),
  };
}
