import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isRunning, type ProcessIdentity } from './process-identity';

const POLL_MS = 200;

/** Who holds the lock, or held it when it ended; undefined where there is none. */
export async function holderOf(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Takes away the lock of a process that is gone. Renaming lets only one of several waiters do so. */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const holder = await holderOf(aside);
  if (holder !== undefined && isRunning(holder)) {
    // Someone took the lock between the look and the renaming: it gets it back.
    await link(aside, path).catch(() => undefined);
  }
  await rm(aside, { force: true });
}

/** Tries once; true when this process now holds the lock. The link is atomic and brings the holder's identity along. */
export async function tryLock(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, JSON.stringify(identify(process.pid)));
  try {
    await link(own, path);
    return true;
  } catch {
    const holder = await holderOf(path);
    if (holder === undefined || !isRunning(holder)) await removeStale(path);
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

/** Runs `act` while no other process of this machine holds the lock at `path`. `onWait` is called once if it must wait. */
export async function withLock<T>(
  path: string,
  options: { signal: AbortSignal; onWait: () => void },
  act: () => Promise<T>,
): Promise<T> {
  let told = false;
  while (!(await tryLock(path))) {
    if ((await holderOf(path)) === undefined) continue;
    if (!told) options.onWait();
    told = true;
    await delay(POLL_MS, undefined, { signal: options.signal });
  }
  try {
    return await act();
  } finally {
    await rm(path, { force: true });
  }
}
