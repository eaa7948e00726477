import { type Clock, NO_METRICS } from '../../../lambdas/core';
import { type Caller, type CallerRegistry, HotAccounts, hashSecret } from '../../../lambdas/traffic';

export function callerNamed(id: string, fields: Partial<Caller> = {}): Caller {
  return {
    id,
    owner: 'team',
    classes: ['order', 'other'],
    rules: [],
    keys: [keyOf(`${id}-secret`)],
    status: 'active',
    revision: 1,
    createdAtMs: 0,
    changed: { atMs: 0, by: 'ada', action: 'entered it' },
    ...fields,
  };
}

export function keyOf(secret: string, expiresAtMs?: number): Caller['keys'][number] {
  return { hash: hashSecret(secret), createdAtMs: 0, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
}

/** A clock that goes on only when it is told to. */
export class SetClock implements Clock {
  ms = 1_000_000;

  nowMs(): number {
    return this.ms;
  }

  monotonicMs(): number {
    return this.ms;
  }
}

/** As many requests for one account as anybody likes. */
export function noHotAccounts(clock: Clock): HotAccounts {
  return new HotAccounts({ clock, metrics: NO_METRICS });
}

/** A registry of the test's own that counts look-ups, can be away, and can be slow. */
export class CountingRegistry implements CallerRegistry {
  readonly callers = new Map<string, Caller>();
  readonly asked: string[] = [];
  readonly consistencies: (string | undefined)[] = [];
  away = false;
  /** While set, answers wait for it. */
  gate: Promise<void> | undefined;

  constructor(...callers: Caller[]) {
    for (const caller of callers) this.callers.set(caller.id, caller);
  }

  async find(id: string, consistency?: 'near' | 'strong'): Promise<Caller | undefined> {
    this.asked.push(id);
    this.consistencies.push(consistency);
    const found = this.callers.get(id);
    await this.gate;
    if (this.away) throw new Error('unreachable');
    return found;
  }
}
