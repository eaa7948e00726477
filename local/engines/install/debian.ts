import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { findProgram, type Requirement } from './programs';
import { NotPossible, type OnProgress } from './progress';
import { runProgram } from './run-program';

const POLICY_FILE = '/usr/sbin/policy-rc.d';
const POLICY_MARK = '# Written by Twinkeep while it installs packages';
/** Services of packages that we install; the engines are run by us, not by the machine. */
const SERVICES: Readonly<Record<string, string>> = { 'mariadb-server': 'mariadb', 'redis-server': 'redis-server' };

function describe(requirements: readonly Requirement[]): string {
  return requirements.map((one) => `  ${one.wanted} (${one.purpose})`).join('\n');
}

function aptCommand(requirements: readonly Requirement[]): string {
  return `sudo apt-get install -y --no-install-recommends ${requirements.map((one) => one.debianPackage).join(' ')}`;
}

async function removeOwnPolicy(): Promise<void> {
  const text = await readFile(POLICY_FILE, 'utf8').catch(() => '');
  if (text.includes(POLICY_MARK)) await rm(POLICY_FILE, { force: true });
}

/** Keeps Debian from starting the services of what is installed meanwhile; a policy that stands already is respected. */
async function withoutServices(act: () => Promise<void>): Promise<void> {
  await removeOwnPolicy();
  const ours = !existsSync(POLICY_FILE);
  if (ours) await writeFile(POLICY_FILE, `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`, { mode: 0o755 });
  try {
    await act();
  } finally {
    if (ours) await removeOwnPolicy();
  }
}

async function keepFromBooting(packages: readonly string[], signal: AbortSignal): Promise<void> {
  if (!existsSync('/run/systemd/system')) return;
  for (const name of packages) {
    const service = SERVICES[name];
    if (service !== undefined) await runProgram('systemctl', ['disable', '--quiet', service], { signal });
  }
}

/**
 * Installs the packages of what is missing.
 * @throws NotPossible that names the packages where this user or this machine can't install them
 */
export async function installPackages(
  missing: readonly Requirement[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  if (!existsSync('/usr/bin/apt-get')) {
    throw new NotPossible(`Not found on this machine:\n${describe(missing)}\nPlease install and start again.`);
  }
  if (process.getuid?.() !== 0) {
    throw new NotPossible(
      `Not found on this machine, and only root can install it:\n${describe(missing)}\n` +
        `Please run this and start again:\n  ${aptCommand(missing)}`,
    );
  }
  const packages = missing.map((one) => one.debianPackage);
  for (const one of missing) onProgress(`Installing ${one.debianPackage}: ${one.wanted}, for ${one.purpose}`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const summary = (lines: readonly string[]) => lines.at(-1) ?? 'apt is at work';
  await withoutServices(async () => {
    // A package manager must not be torn down half-way: it ends its own children where that is safe.
    const options = { signal, environment, onProgress, summary, abortEnds: 'leader' } as const;
    await runProgram('apt-get', ['update', '-q'], options);
    await runProgram('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], options);
  });
  await keepFromBooting(packages, signal);
  for (const one of missing) {
    if ((await findProgram(one)) === undefined) {
      throw new NotPossible(`The package ${one.debianPackage} brought no ${one.wanted}; please install it yourself.`);
    }
  }
}
