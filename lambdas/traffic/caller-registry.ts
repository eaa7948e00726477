import { randomBytes } from 'node:crypto';
import type { TrafficClass } from '../../topology';
import type { Arbiter, AuditEntry, Caller, CallerKey } from '../arbiter';
import { type Clock, unavailable } from '../core';
import { hashSecret } from './api-key';
import { type CallerEdit, ChangeRefused } from './caller-changes';

/** Who wants a change, and why. */
export interface Order {
  readonly by: string;
  readonly reason?: string;
}

export type RegistryArbiter = Pick<Arbiter, 'callers' | 'audit' | 'decisions'>;

/** What became of a change. */
export interface CallerChanged {
  readonly caller: Caller;
  /** False: it was so already. */
  readonly isChanged: boolean;
}

/** A caller as a deployment enters it. */
export interface NewCaller {
  readonly id: string;
  readonly owner: string;
  readonly classes: readonly TrafficClass[];
  readonly keyHashes: readonly string[];
}

const SECRET_BYTES = 32;
/** Whoever loses the race this often races with a machine. */
const MOST_ATTEMPTS = 10;

/** A secret that nobody can guess, and what the registry keeps of it. */
export function drawKey(nowMs: number, expiresAtMs?: number): { readonly secret: string; readonly key: CallerKey } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const expiry = expiresAtMs === undefined ? {} : { expiresAtMs };
  return { secret, key: { hash: hashSecret(secret), createdAtMs: nowMs, ...expiry } };
}

/**
 * Enters a caller that there is not yet.
 *
 * @throws ChangeRefused if there is one of this name
 */
export async function createCaller(
  arbiter: RegistryArbiter,
  clock: Clock,
  { by, reason }: Order,
  given: Pick<Caller, 'id' | 'owner' | 'classes' | 'keys' | 'rules'>,
): Promise<Caller> {
  const atMs = clock.nowMs();
  const changed = { atMs, by, action: `entered the caller for ${given.owner}`, ...reasonOf(reason) };
  const caller: Caller = { ...given, status: 'active', revision: 1, createdAtMs: atMs, changed };
  if (!(await arbiter.callers.put(caller))) {
    throw new ChangeRefused(`There is a caller ${given.id} already. See: twinkeep callers show ${given.id}`);
  }
  await makeKnown(arbiter, caller);
  return caller;
}

/** Enters a caller if there is none of this name; what operators have made of one that there is stays. */
export async function enterCaller(arbiter: RegistryArbiter, clock: Clock, given: NewCaller): Promise<void> {
  const { keyHashes, ...rest } = given;
  const present = await arbiter.callers.find(given.id, 'strong');
  if (present !== undefined && present.revision > 0) return;
  const keys = keyHashes.map((hash) => ({ hash, createdAtMs: clock.nowMs() }));
  await createCaller(arbiter, clock, { by: 'the deployment' }, { ...rest, keys, rules: [] }).catch((error: unknown) => {
    // Somebody else entered it just now.
    if (!(error instanceof ChangeRefused)) throw error;
  });
}

/**
 * Changes a caller as it stands then: whoever changed it meanwhile is not overwritten.
 *
 * @throws ChangeRefused if there is no such caller, or the edit refuses; Problem UNAVAILABLE
 */
export async function changeCaller(
  arbiter: RegistryArbiter,
  clock: Clock,
  id: string,
  { by, reason }: Order,
  edit: CallerEdit,
): Promise<CallerChanged> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const before = await arbiter.callers.find(id, 'strong');
    if (before === undefined) throw new ChangeRefused(`There is no caller ${id}. See: twinkeep callers list`);
    const atMs = clock.nowMs();
    const edited = edit(before, atMs);
    if (edited === undefined) {
      // Asked for again, perhaps because the first time nobody could be told.
      await makeKnown(arbiter, before);
      return { caller: before, isChanged: false };
    }
    const changed = { atMs, by, action: edited.action, ...reasonOf(reason) };
    const caller = { ...before, ...edited.caller, revision: before.revision + 1, changed };
    // The record tells its last change only: whoever replaces it sees to it first that the audit has that one.
    await tell(arbiter, before);
    if (await arbiter.callers.put(caller)) {
      await makeKnown(arbiter, caller);
      return { caller, isChanged: true };
    }
  }
  throw unavailable(`caller ${id} is changed too often to change it`);
}

/** Has the audit tell the change, and environments look at the registry again. Both may be done twice. */
async function makeKnown(arbiter: RegistryArbiter, caller: Caller): Promise<void> {
  const steps = await Promise.allSettled([arbiter.decisions.raiseCallersRevision(), tell(arbiter, caller)]);
  for (const step of steps) if (step.status === 'rejected') throw step.reason;
}

async function tell({ audit }: RegistryArbiter, { id, revision, changed }: Caller): Promise<void> {
  if (revision === 0) return;
  const { by, action, reason, atMs } = changed;
  const entry: AuditEntry = { subject: `caller/${id}`, actor: by, action, outcome: 'accepted', ...reasonOf(reason) };
  await audit.append({ ...entry, detail: { revision } }, { atMs, name: `r${revision}` });
}

function reasonOf(reason: string | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}
