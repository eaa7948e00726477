import type { Caller, CallerKey } from '../arbiter';

/** More would mean that nobody remembers what the oldest is for. */
export const MOST_LIVE_KEYS = 2;

/** Why a caller was not changed, for whoever wanted it. */
export class ChangeRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ChangeRefused';
  }
}

/** What becomes of a caller, and how the audit tells it; undefined if it is so already. */
export type CallerEdit = (caller: Caller, nowMs: number) => Edited | undefined;

export interface Edited {
  readonly caller: Partial<Pick<Caller, 'owner' | 'classes' | 'rules' | 'keys' | 'status'>>;
  /** A clause that follows the actor. */
  readonly action: string;
}

export function isLive({ expiresAtMs }: CallerKey, nowMs: number): boolean {
  return expiresAtMs === undefined || nowMs < expiresAtMs;
}

/** Names a key where its secret is not known: the beginning of its hash, of which no secret can be told. */
export function keyName({ hash }: Pick<CallerKey, 'hash'>): string {
  return hash.slice(0, 8);
}

/** @param status what it is from now on */
export function setStatus(status: Caller['status']): CallerEdit {
  return (caller) => {
    if (caller.status === status) return undefined;
    return { caller: { status }, action: STATUS_ACTIONS[status] };
  };
}

const STATUS_ACTIONS: Readonly<Record<Caller['status'], string>> = {
  active: 'resumed the caller',
  'cache-only': 'had the caller answered from the cache only',
  suspended: 'suspended the caller',
};

/**
 * Another key beside the one that there is, which goes on for `overlapMs` at most.
 *
 * @throws ChangeRefused if there are two already
 */
export function addKey(key: CallerKey, overlapMs: number): CallerEdit {
  return ({ id, keys }, nowMs) => {
    const live = keys.filter((one) => isLive(one, nowMs));
    if (live.length >= MOST_LIVE_KEYS && overlapMs > 0) {
      throw new ChangeRefused(
        `Caller ${id} has ${live.length} live keys. Retire the older one first: twinkeep callers rotate ${id} --retire`,
      );
    }
    const old = live.map((one) => endingBy(one, nowMs + overlapMs)).filter((one) => isLive(one, nowMs));
    const ends = overlapMs > 0 ? `, beside ${old.map(keyName).join()}` : `, instead of ${live.map(keyName).join()}`;
    return {
      caller: { keys: [...old, key] },
      action: `gave the caller key ${keyName(key)}${live.length > 0 ? ends : ''}`,
    };
  };
}

function endingBy(key: CallerKey, atMs: number): CallerKey {
  return { ...key, expiresAtMs: Math.min(key.expiresAtMs ?? Number.POSITIVE_INFINITY, atMs) };
}

/**
 * Every key but the newest lets nobody in any more.
 *
 * @throws ChangeRefused if there is one key only, or none
 */
export function retireKeys(): CallerEdit {
  return ({ id, keys }, nowMs) => {
    const live = keys.filter((key) => isLive(key, nowMs));
    const newest = live.at(-1);
    if (newest === undefined || live.length < 2) {
      throw new ChangeRefused(
        `Caller ${id} has ${live.length === 1 ? 'one live key only' : 'no live key'}. Give it another one first: twinkeep callers rotate ${id}`,
      );
    }
    const retired = live.slice(0, -1).map(keyName).join();
    return { caller: { keys: [newest] }, action: `retired key ${retired} of the caller` };
  };
}

export function setRules(rules: Caller['rules']): CallerEdit {
  return (caller) => {
    if (JSON.stringify(caller.rules) === JSON.stringify(rules)) return undefined;
    return {
      caller: { rules },
      action: rules.length === 0 ? 'took its rules from the caller' : `gave the caller ${rules.length} rules`,
    };
  };
}

export function setOwner(owner: string): CallerEdit {
  return (caller) =>
    caller.owner === owner ? undefined : { caller: { owner }, action: `gave the caller to ${owner}` };
}

export function setClasses(classes: Caller['classes']): CallerEdit {
  return (caller) => {
    if (caller.classes.join() === classes.join()) return undefined;
    return { caller: { classes }, action: `let the caller use ${classes.join(', ')}` };
  };
}
