// Runs a TypeScript file of this repository: `node scripts/run-ts.mjs <file> [arguments]`. Needs nothing but Node.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installDependencies, ROOT } from './packages.mjs';

const OLDEST_NODE = [20, 12];
const NOT_POSSIBLE = 3;

export function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  console.error(`Twinkeep needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.versions.node}.`);
  process.exit(NOT_POSSIBLE);
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
