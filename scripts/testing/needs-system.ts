import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { importsOf, targetOf } from '../house/syntax';
import { ROOT } from './programs';

/** What a running system tells tests that start nothing in its place. */
const TOLD_BY_SYSTEM = /\bTWINKEEP_TEST_(STATE|SEARCH)\b/;
/** Folders whose tests run on the code alone, whatever they import for its types. */
const WITHOUT_ENGINES = ['test/unit/', 'test/stacks/'];

const readOfProject = (path: string): string | undefined => {
  const file = join(ROOT, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

/**
 * Whether a test file, or one that it imports from `test/`, asks where a running system is; others start what they need.
 *
 * @param read a file's text by its path from the root; nothing where there is no such file
 */
export function needsSystem(testFile: string, read = readOfProject): boolean {
  if (WITHOUT_ENGINES.some((folder) => testFile.startsWith(folder))) return false;
  const seen = new Set<string>();
  const asks = (path: string): boolean => {
    if (seen.has(path) || !path.startsWith('test/')) return false;
    seen.add(path);
    const text = read(path);
    if (text === undefined) return false;
    return TOLD_BY_SYSTEM.test(text) || filesImportedBy({ path, text }).some(asks);
  };
  return asks(posix.normalize(testFile));
}

function filesImportedBy(file: { readonly path: string; readonly text: string }): string[] {
  return importsOf(file).flatMap(({ specifier }) => {
    const target = targetOf(file, specifier);
    return target === undefined ? [] : [`${target}.ts`, `${target}/index.ts`];
  });
}
