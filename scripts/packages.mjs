// Installs what package-lock.json names, if it is not. Needs nothing but Node and npm.
import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Names the process that installs; two at once would take each other's files away. */
const INSTALLING = join(ROOT, '.local', 'installing');
const LOOK_EVERY_MS = 200;

function modifiedMs(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** npm leaves a note of what it installed in `node_modules`; an older one than the lock file is out of date. */
export function installDependencies() {
  if (areInstalled()) return;
  claimInstalling();
  try {
    if (!areInstalled()) install();
  } finally {
    rmSync(INSTALLING, { force: true });
  }
}

function areInstalled() {
  return installedMs() >= modifiedMs(join(ROOT, 'package-lock.json'));
}

function installedMs() {
  return modifiedMs(join(ROOT, 'node_modules', '.package-lock.json'));
}

/** Waits for another command that installs, and takes over from one that was killed. */
function claimInstalling() {
  mkdirSync(dirname(INSTALLING), { recursive: true });
  for (let told = false; !tryToClaim(); told = true) {
    if (!told) console.error(`Waiting for process ${installer()}, which installs the packages`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
  }
}

function tryToClaim() {
  const own = `${INSTALLING}-${process.pid}`;
  try {
    // Linked when it is whole: nobody is to read a name that is being written.
    writeFileSync(own, String(process.pid));
    linkSync(own, INSTALLING);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isRunning(installer())) return false;
    rmSync(INSTALLING, { force: true });
    return tryToClaim();
  } finally {
    rmSync(own, { force: true });
  }
}

/** Undefined once it is gone. */
function installer() {
  try {
    return Number(readFileSync(INSTALLING, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid) {
  if (pid === undefined) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function install() {
  // Standard output belongs to what was asked for, which a program may read.
  console.error(
    `Installing the packages of package-lock.json (npm ci), because they are ${installedMs() === 0 ? 'missing' : 'out of date'}`,
  );
  if (npm(['ci', '--loglevel=silent']) === 0) return;
  // A registry that lacks packages of other platforms leaves them out of the lock file, which `npm ci` then refuses.
  console.error('npm ci refused; installing what the lock file names by npm install');
  const status = npm(['install', '--no-save', '--loglevel=error']);
  if (status === 0) return;
  rmSync(INSTALLING, { force: true });
  process.exit(status);
}

function npm(args) {
  const { status } = spawnSync('npm', [...args, '--no-progress'], {
    cwd: ROOT,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  return status ?? 1;
}
