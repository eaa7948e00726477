import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 20_000;
/** Debian keeps servers where a normal user's PATH does not look. */
const MORE_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/usr/local/bin', '/usr/bin'];

/** Something that must be on the machine, and the Debian package that brings it. */
export interface Requirement {
  readonly program: string;
  readonly versionArguments: readonly string[];
  /** Whether what the program says about itself will do. */
  readonly fits: (versionText: string) => boolean;
  readonly wanted: string;
  readonly purpose: string;
  readonly debianPackage: string;
}

function numbersAfter(text: string, pattern: RegExp): readonly [number, number] {
  const match = pattern.exec(text);
  return [Number(match?.[1] ?? -1), Number(match?.[2] ?? 0)];
}

export function isMariadb(text: string): boolean {
  if (!text.includes('MariaDB')) return false;
  const [major, minor] = numbersAfter(text, /Ver (\d+)\.(\d+)/);
  return major > 10 || (major === 10 && minor >= 11);
}

export function isRedis7(text: string): boolean {
  return numbersAfter(text, /Redis server v=(\d+)\.(\d+)/)[0] >= 7;
}

export function isJava17(text: string): boolean {
  return numbersAfter(text, /version "(\d+)(?:\.(\d+))?/)[0] >= 17;
}

export function isMaven3(text: string): boolean {
  return numbersAfter(text, /Apache Maven (\d+)\.(\d+)/)[0] >= 3;
}

/** The text is that of a script that fails where Python can't make environments. */
export function isPython310(text: string): boolean {
  const [major, minor] = numbersAfter(text, /(\d+)\.(\d+)/);
  return major === 3 && minor >= 10;
}

const PYTHON_CHECK = 'import venv, ensurepip, sys; print("%d.%d" % sys.version_info[:2])';

export const REQUIREMENTS = {
  mariadbd: {
    program: 'mariadbd',
    versionArguments: ['--version'],
    fits: isMariadb,
    wanted: 'MariaDB 10.11 or later',
    purpose: 'the databases of both regions',
    debianPackage: 'mariadb-server',
  },
  redisServer: {
    program: 'redis-server',
    versionArguments: ['--version'],
    fits: isRedis7,
    wanted: 'Redis 7 or later',
    purpose: 'the caches of both regions',
    debianPackage: 'redis-server',
  },
  java: {
    program: 'java',
    versionArguments: ['-version'],
    fits: isJava17,
    wanted: 'Java 17 or later',
    purpose: 'the search domains, the queues and the arbiter',
    debianPackage: 'default-jre-headless',
  },
  maven: {
    program: 'mvn',
    versionArguments: ['--version'],
    fits: isMaven3,
    wanted: 'Maven 3',
    purpose: 'to fetch the engines that run on Java',
    debianPackage: 'maven',
  },
  python: {
    program: 'python3',
    versionArguments: ['-c', PYTHON_CHECK],
    fits: isPython310,
    wanted: 'Python 3.10 or later with venv',
    purpose: 'the parameter stores',
    debianPackage: 'python3-venv',
  },
} as const satisfies Record<string, Requirement>;

export type Program = keyof typeof REQUIREMENTS;

function candidates(program: string): string[] {
  const directories = [...(process.env.PATH ?? '').split(':').filter((path) => path !== ''), ...MORE_DIRECTORIES];
  return [...new Set(directories)]
    .map((directory) => join(directory, program))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The first program of this name, whatever its version. */
export function locate(program: string): string | undefined {
  return candidates(program)[0];
}

/** The first program of this name whose version fits; undefined when there is none. */
export async function findProgram(requirement: Requirement): Promise<string | undefined> {
  for (const path of candidates(requirement.program)) {
    try {
      const { stdout, stderr } = await run(path, [...requirement.versionArguments], { timeout: VERSION_TIMEOUT_MS });
      if (requirement.fits(stdout + stderr)) return path;
    } catch {
      // It does not run here: as good as absent.
    }
  }
  return undefined;
}
