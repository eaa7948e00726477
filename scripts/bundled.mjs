// Bundles a TypeScript file of this repository once, and again after a change: loading hundreds of files one by one takes
// a command five times as long to start.
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['cli', 'lambdas', 'local', 'topology'];

function newestMs(directory) {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Math.max(
    ...files
      // A file that was taken away is noticed by its folder.
      .filter((entry) => entry.isDirectory() || entry.name.endsWith('.ts'))
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
}

function isCurrent(bundle, root) {
  const builtMs = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const changedMs = Math.max(
    statSync(join(root, 'package-lock.json')).mtimeMs,
    ...SOURCES.map((name) => newestMs(join(root, name))),
  );
  return builtMs > changedMs;
}

/** @returns the path of the bundle @throws the error of who builds or writes it */
export async function bundled(root, file) {
  const directory = join(root, 'node_modules', '.cache', 'twinkeep');
  const bundle = join(directory, `${file.replaceAll('/', '-')}.cjs`);
  if (isCurrent(bundle, root)) return bundle;
  const { build } = await import('esbuild');
  mkdirSync(directory, { recursive: true });
  const unfinished = `${bundle}.${process.pid}`;
  await build({
    absWorkingDir: root,
    entryPoints: [file],
    outfile: unfinished,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
  });
  renameSync(unfinished, bundle);
  return bundle;
}
