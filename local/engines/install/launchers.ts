import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { classpath, engineFiles, type JarOptions } from './jars';
import { runProgram } from './run-program';

const SOURCES = join(__dirname, '..', 'launchers');

/** What starts engines whose own starters leave something out, or makes up for it, and on whose classpath each compiles. */
const LAUNCHERS = {
  'SearchNode.java': 'opensearch',
  'LoopbackDynamoDb.java': 'dynamodb',
  'ResumingSupervisor.java': 'elasticmq',
} as const;

type Classpaths = Readonly<Record<'opensearch' | 'dynamodb' | 'elasticmq', string>>;

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of Object.keys(LAUNCHERS)) hash.update(await readFile(join(SOURCES, file)));
  return hash.digest('hex').slice(0, 12);
}

/**
 * The jar of the compiled starters. They are compiled by a compiler that needs no more than a runtime of Java, and
 * packed by Python, because such a runtime has no packer.
 */
export async function compileLaunchers(
  programs: { readonly java: string; readonly python: string },
  classpaths: Classpaths,
  options: JarOptions,
): Promise<string> {
  const jar = join(options.directory, `launchers-${await sourceHash()}.jar`);
  if (existsSync(jar)) return jar;
  const compiler = classpath(await engineFiles('compiler', options));
  const fresh = join(options.directory, 'launchers.new');
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const compile = ['-cp', compiler, 'org.eclipse.jdt.internal.compiler.batch.Main', '-17', '-d', fresh];
  for (const [file, engine] of Object.entries(LAUNCHERS)) {
    await runProgram(programs.java, [...compile, '-cp', classpaths[engine], join(SOURCES, file)], {
      signal: options.signal,
    });
  }
  const classes = (await readdir(fresh)).map((name) => join(fresh, name));
  const packed = join(fresh, 'packed');
  await runProgram(programs.python, ['-m', 'zipfile', '-c', packed, ...classes], { signal: options.signal });
  await rename(packed, jar);
  await rm(fresh, { recursive: true, force: true });
  return jar;
}
