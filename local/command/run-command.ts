import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NotPossible } from '../engines';
import type { RunningSystem } from '../system';

const REPOSITORY = join(__dirname, '..', '..');
const RUN_TYPESCRIPT = join(REPOSITORY, 'scripts', 'run-ts.mjs');
/** An import finishes what is in flight first. */
const STOP_GRACE_MS = 10_000;

/** Runs a command of this repository to its end, with its progress in our terminal. */
export async function runCommand(system: RunningSystem, args: readonly string[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [RUN_TYPESCRIPT, ...args], {
    cwd: REPOSITORY,
    // A group of its own: a Ctrl-C reaches it by `signal`, once.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { pid } = child;
  if (pid !== undefined) system.adopt(pid);
  const send = (name: 'SIGTERM' | 'SIGKILL') => {
    if (pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-pid, name);
  };
  const stop = () => {
    send('SIGTERM');
    void delay(STOP_GRACE_MS, undefined, { ref: false }).then(() => send('SIGKILL'));
  };
  signal.addEventListener('abort', stop);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('exit', resolve);
    });
    signal.throwIfAborted();
    if (code !== 0) throw new NotPossible(`\`${args.join(' ')}\` ended with ${code}.`);
  } finally {
    signal.removeEventListener('abort', stop);
    if (pid !== undefined) system.release(pid);
  }
}
