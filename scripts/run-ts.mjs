// Runs a TypeScript file of this repository: `node scripts/run-ts.mjs <file> [arguments]`. Needs nothing but Node.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = [20, 12];
const NOT_POSSIBLE = 3;

export function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  console.error(`Twinkeep needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.versions.node}.`);
  process.exit(NOT_POSSIBLE);
}

function modifiedMs(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** npm leaves a note of what it installed in `node_modules`; an older one than the lock file is out of date. */
export function installDependencies() {
  const installed = modifiedMs(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed >= modifiedMs(join(ROOT, 'package-lock.json'))) return;
  // Standard output belongs to what was asked for, which a program may read.
  console.error(
    `Installing the packages of package-lock.json (npm ci), because they are ${installed === 0 ? 'missing' : 'out of date'}`,
  );
  if (npm(['ci', '--loglevel=silent']) === 0) return;
  // A registry that lacks packages of other platforms leaves them out of the lock file, which `npm ci` then refuses.
  console.error('npm ci refused; installing what the lock file names by npm install');
  const status = npm(['install', '--no-save', '--loglevel=error']);
  if (status !== 0) process.exit(status);
}

function npm(args) {
  const { status } = spawnSync('npm', [...args, '--no-progress'], {
    cwd: ROOT,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  return status ?? 1;
}

/** Hands over to a TypeScript file, and ends as it ends. Signals reach it; it decides when to go. */
export function runTypeScript(file, args) {
  const loader = pathToFileURL(join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  const preload = join(ROOT, 'node_modules', 'tsx', 'dist', 'preflight.cjs');
  const child = spawn(process.execPath, ['--require', preload, '--import', loader, join(ROOT, file), ...args], {
    stdio: 'inherit',
    // The AWS clients announce the end of Node 20 at every start.
    env: { NODE_NO_WARNINGS: '1', ...process.env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal's Ctrl-C reaches the whole group by itself.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise(() => {
    child.once('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, ...args] = process.argv.slice(2);
  if (file === undefined) {
    console.error('Usage: node scripts/run-ts.mjs <file> [arguments]');
    process.exit(2);
  }
  assertNode();
  installDependencies();
  await runTypeScript(file, args);
}
