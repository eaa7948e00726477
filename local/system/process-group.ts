import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '../engines/install/process-identity';

const POLL_MS = 25;
const KILL_WAIT_MS = 5000;

/** To a process that leads a group of its own, and to the group; nothing happens if none of it is left. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}

/** Kills a process that leads a group of its own, and the group, without waiting. */
export function killGroup(pid: number): void {
  signalGroup(pid, 'SIGKILL');
}

async function waitUntilGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Ends a process that leads a group of its own, and the group: asked first, killed after `graceMs`. */
export async function endGroup(identity: ProcessIdentity, graceMs: number): Promise<void> {
  if (!isRunning(identity)) return;
  signalGroup(identity.pid, 'SIGTERM');
  await waitUntilGone(identity, graceMs);
  // Also after an orderly end: members of the group may have outlived their leader.
  signalGroup(identity.pid, 'SIGKILL');
  await waitUntilGone(identity, KILL_WAIT_MS);
}
