import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { classpath, engineFiles, type JarOptions } from './jars';
import { runProgram } from './run-program';

const SOURCES = join(__dirname, '..', 'launchers');

/** Our starters of engines whose own leave something out, and the engine on whose classpath each compiles. */
const LAUNCHERS = { 'SearchNode.java': 'opensearch', 'LoopbackDynamoDb.java': 'dynamodb' } as const;

type Classpaths = Readonly<Record<'opensearch' | 'dynamodb', string>>;

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of Object.keys(LAUNCHERS)) hash.update(await readFile(join(SOURCES, file)));
  return hash.digest('hex').slice(0, 12);
}

/** The directory of the compiled starters. They are compiled by a compiler that needs no more than a runtime of Java. */
export async function compileLaunchers(java: string, classpaths: Classpaths, options: JarOptions): Promise<string> {
  const directory = join(options.directory, `launchers-${await sourceHash()}`);
  if (existsSync(directory)) return directory;
  const compiler = classpath(await engineFiles('compiler', options));
  const fresh = `${directory}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const compile = ['-cp', compiler, 'org.eclipse.jdt.internal.compiler.batch.Main', '-17', '-d', fresh];
  for (const [file, engine] of Object.entries(LAUNCHERS)) {
    await runProgram(java, [...compile, '-cp', classpaths[engine], join(SOURCES, file)], { signal: options.signal });
  }
  await rename(fresh, directory);
  return directory;
}
