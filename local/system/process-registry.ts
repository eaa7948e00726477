import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isRunning, type ProcessIdentity } from '../engines/install/process-identity';
import { endGroup } from './process-group';

const LEFTOVER_GRACE_MS = 15_000;

/**
 * The processes that a system has started, in a file, so that a later start can end what a killed one left behind.
 * It is written before anyone else learns of a process.
 */
export class ProcessRegistry {
  private readonly identities = new Map<number, ProcessIdentity>();

  constructor(private readonly path: string) {}

  add(pid: number): void {
    const identity = identify(pid);
    if (identity === undefined) return;
    this.identities.set(pid, identity);
    this.write();
  }

  remove(pid: number): void {
    if (this.identities.delete(pid)) this.write();
  }

  private write(): void {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(`${this.path}.new`, JSON.stringify([...this.identities.values()]));
    renameSync(`${this.path}.new`, this.path);
  }
}

function readIdentities(path: string): readonly ProcessIdentity[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity[];
  } catch {
    return [];
  }
}

/** Ends what is left of an earlier run; a process that merely has the same number as one of ours is left alone. */
export async function endLeftovers(path: string): Promise<number> {
  const left = readIdentities(path).filter(isRunning);
  await Promise.all(left.map((identity) => endGroup(identity, LEFTOVER_GRACE_MS)));
  rmSync(path, { force: true });
  return left.length;
}
