import { join } from 'node:path';
import { cfnLintProgram } from './cfn-lint';
import { installPackages } from './debian';
import { classpath, engineFiles, type JarOptions } from './jars';
import { compileLaunchers } from './launchers';
import { withLock } from './lock-file';
import { motoPython } from './moto';
import { findProgram, locate, type Program, REQUIREMENTS } from './programs';
import { NotPossible, type OnProgress } from './progress';
import { schemathesisProgram } from './schemathesis';

export * from './progress';

/** Where everything is that the engines are started from; absolute paths. */
export interface Tools {
  readonly mariadbd: string;
  readonly mariadbInstallDb: string;
  /** Writes down what a server holds, and the program that reads it back. */
  readonly mariadbDump: string;
  readonly mariadbClient: string;
  readonly redisServer: string;
  readonly java: string;
  readonly classpaths: Readonly<Record<'opensearch' | 'elasticmq' | 'dynamodb', string>>;
  readonly launchers: string;
  readonly sqliteDirectory: string;
  readonly python: string;
  /** Classes of an engine as Java has them in memory, which halves the time of its start; where one was made. */
  readonly classArchives: Readonly<Partial<Record<ArchivedEngine, string>>>;
}

export type ArchivedEngine = 'opensearch' | 'elasticmq';

/** Shared by every data directory of this checkout. */
export const TOOLS_DIRECTORY = join(__dirname, '..', '..', '..', '.local', 'tools');

type Programs = Readonly<Record<Program, string>>;

/** Maven and Python are needed for installing only, so a machine that has everything need not have them. */
const SERVERS = ['mariadbd', 'redisServer', 'java'] as const satisfies readonly Program[];

function assertPlatform(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new NotPossible(`The engines run on Linux on x86-64; this is ${process.platform} on ${process.arch}.`);
  }
}

async function findAll(programs: readonly Program[]): Promise<Partial<Programs>> {
  const found = await Promise.all(
    programs.map(async (program) => [program, await findProgram(REQUIREMENTS[program])] as const),
  );
  return Object.fromEntries(found.filter(([, path]) => path !== undefined));
}

/** Finds programs, and installs the packages of those that are missing, all in one go. */
class ProgramSource {
  constructor(
    private readonly onProgress: OnProgress,
    private readonly signal: AbortSignal,
  ) {}

  async require<P extends Program>(programs: readonly P[]): Promise<Readonly<Record<P, string>>> {
    const found = await findAll(programs);
    const missing = programs.filter((program) => found[program] === undefined);
    if (missing.length === 0) return found as Record<P, string>;
    // What is needed to install the rest comes along: one run of apt is quicker than three.
    const all = await findAll(Object.keys(REQUIREMENTS) as Program[]);
    const wanted = (Object.keys(REQUIREMENTS) as Program[]).filter((program) => all[program] === undefined);
    await installPackages(
      wanted.map((program) => REQUIREMENTS[program]),
      this.onProgress,
      this.signal,
    );
    return (await findAll(programs)) as Record<P, string>;
  }
}

function sqliteDirectory(files: readonly string[]): string {
  const library = files.find((file) => file.includes('/libsqlite4java-linux-amd64/'));
  if (library === undefined) throw new Error('DynamoDB Local came without its SQLite library');
  return join(library, '..');
}

async function install(onProgress: OnProgress, signal: AbortSignal): Promise<Tools> {
  const programs = new ProgramSource(onProgress, signal);
  const servers = await programs.require(SERVERS);
  const jars: JarOptions = {
    directory: TOOLS_DIRECTORY,
    maven: async () => (await programs.require(['maven'])).maven,
    onProgress,
    signal,
  };
  const python = motoPython(
    TOOLS_DIRECTORY,
    async () => (await programs.require(['python'])).python,
    onProgress,
    signal,
  );
  const javaEngines = fetchJavaEngines(jars);
  // Both are awaited even if one fails, so that nothing runs on behind an error.
  await Promise.allSettled([python, javaEngines]);
  const { opensearch, elasticmq, dynamodb } = await javaEngines;
  const classpaths = {
    opensearch: classpath(opensearch),
    elasticmq: classpath(elasticmq),
    dynamodb: classpath(dynamodb),
  };
  return {
    mariadbd: servers.mariadbd,
    mariadbInstallDb: besideServer('mariadb-install-db', servers.mariadbd),
    mariadbDump: besideServer('mariadb-dump', servers.mariadbd),
    mariadbClient: besideServer('mariadb', servers.mariadbd),
    redisServer: servers.redisServer,
    java: servers.java,
    classpaths,
    launchers: await compileLaunchers({ java: servers.java, python: await python }, classpaths, jars),
    classArchives: {},
    sqliteDirectory: sqliteDirectory(dynamodb),
    python: await python,
  };
}

/** One after another: Maven's repository takes one writer at a time. */
async function fetchJavaEngines(jars: JarOptions) {
  return {
    opensearch: await engineFiles('opensearch', jars),
    elasticmq: await engineFiles('elasticmq', jars),
    dynamodb: await engineFiles('dynamodb', jars),
  };
}

function besideServer(program: string, mariadbd: string): string {
  const path = locate(program);
  if (path === undefined) throw new NotPossible(`${program} is missing beside ${mariadbd}; please install it.`);
  return path;
}

/**
 * Finds everything that the engines need, and installs what is missing, saying what and why.
 * @throws NotPossible that says what to do where this user or machine can't install it
 */
export async function ensureTools(onProgress: OnProgress, signal: AbortSignal): Promise<Tools> {
  assertPlatform();
  return withLock(
    join(TOOLS_DIRECTORY, 'install.lock'),
    { signal, onWait: () => onProgress('Waiting for another start to finish its installation') },
    () => install(onProgress, signal),
  );
}

/** Finds a program of Python's, or has it installed. */
type EnsureProgram = (
  directory: string,
  python: () => Promise<string>,
  onProgress: OnProgress,
  signal: AbortSignal,
) => Promise<string>;

async function ensurePythonProgram(
  ensure: EnsureProgram,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string> {
  const programs = new ProgramSource(onProgress, signal);
  return withLock(
    join(TOOLS_DIRECTORY, 'install.lock'),
    { signal, onWait: () => onProgress('Waiting for another start to finish its installation') },
    () => ensure(TOOLS_DIRECTORY, async () => (await programs.require(['python'])).python, onProgress, signal),
  );
}

/**
 * Finds the fuzzer schemathesis, and installs it where it is missing. No engine needs it.
 * @returns the path of its program
 * @throws NotPossible that says what to do where this user or machine can't install it
 */
export function ensureSchemathesis(onProgress: OnProgress, signal: AbortSignal): Promise<string> {
  return ensurePythonProgram(schemathesisProgram, onProgress, signal);
}

/**
 * Finds cfn-lint, which checks templates of CloudFormation, and installs it where it is missing. No engine needs it.
 * @returns the path of its program
 * @throws NotPossible that says what to do where this user or machine can't install it
 */
export function ensureCfnLint(onProgress: OnProgress, signal: AbortSignal): Promise<string> {
  return ensurePythonProgram(cfnLintProgram, onProgress, signal);
}
