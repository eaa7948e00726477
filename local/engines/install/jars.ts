import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnProgress } from './progress';
import { runProgram } from './run-program';

const POM = join(__dirname, '..', 'pom.xml');

/** Profiles of the pom, and what each is for. */
const JAVA_ENGINES = {
  opensearch: 'OpenSearch, for the search domains',
  elasticmq: 'ElasticMQ, for the queues',
  dynamodb: 'DynamoDB Local, for the arbiter',
  compiler: 'a Java compiler, for the starters of engines',
} as const;

export type JavaEngine = keyof typeof JAVA_ENGINES;

export interface JarOptions {
  readonly directory: string;
  /** Finds or installs Maven; asked only when something must be fetched. */
  readonly maven: () => Promise<string>;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

interface Stored {
  readonly pomHash: string;
  /** Every file that the engine needs, jars and native libraries. */
  readonly files: readonly string[];
}

async function stored(path: string, pomHash: string): Promise<readonly string[] | undefined> {
  try {
    const found = JSON.parse(await readFile(path, 'utf8')) as Stored;
    return found.pomHash === pomHash && found.files.every((file) => existsSync(file)) ? found.files : undefined;
  } catch {
    return undefined;
  }
}

async function fetchFiles(engine: JavaEngine, options: JarOptions): Promise<readonly string[]> {
  options.onProgress(`Fetching ${JAVA_ENGINES[engine]}, by Maven`);
  const output = join(options.directory, `${engine}.fetched`);
  await runProgram(
    await options.maven(),
    [
      '-B',
      '-f',
      POM,
      '-P',
      engine,
      `-Dmaven.repo.local=${join(options.directory, 'maven')}`,
      'dependency:build-classpath',
      `-Dmdep.outputFile=${output}`,
    ],
    {
      signal: options.signal,
      onProgress: options.onProgress,
      summary: (lines) => `${lines.filter((line) => line.includes('Downloaded from')).length} files so far`,
    },
  );
  const files = (await readFile(output, 'utf8')).trim().split(':');
  await rm(output);
  return files;
}

/** The files of an engine, fetched where they are not there yet. */
export async function engineFiles(engine: JavaEngine, options: JarOptions): Promise<readonly string[]> {
  const path = join(options.directory, `${engine}.json`);
  const pomHash = createHash('sha256')
    .update(await readFile(POM))
    .digest('hex');
  const found = await stored(path, pomHash);
  if (found !== undefined) return found;
  await mkdir(options.directory, { recursive: true });
  const files = await fetchFiles(engine, options);
  await writeFile(`${path}.new`, JSON.stringify({ pomHash, files } satisfies Stored));
  await rename(`${path}.new`, path);
  return files;
}

export function classpath(files: readonly string[]): string {
  return files.filter((file) => file.endsWith('.jar')).join(':');
}
