import { isProblem, Problem, unavailable, type Version } from '../core';
import type { Deadline } from '../resilience';
import type { WriteOutcome } from '../shards';
import type { Switches } from '../switches';

/** A fenced trip was refused under an epoch that has passed: the whole command starts anew under the next one. */
export class EpochPassed extends Error {
  constructor(unit: string) {
    super(`unit ${unit} has moved to another epoch`);
    this.name = 'EpochPassed';
  }
}

const ACKNOWLEDGE_RETRY_MS = 1000;

/** Committed at home, but not accepted by the other region, which the caller required. */
export class NotAcknowledged extends Problem {
  constructor(version: Version) {
    super('NOT_ACKNOWLEDGED', { retryAfterMs: ACKNOWLEDGE_RETRY_MS, headers: { ETag: `"${version}"` } });
  }
}

const LEASE_RETRY_MS = 3000;

/** A unit takes no writes now, and nothing was written: what can go to another unit may. */
export class UnitLost extends Problem {
  readonly unit: string;

  constructor(unit: string, detail: string, details: { cause?: unknown; retryAfterMs?: number } = {}) {
    super('UNAVAILABLE', { detail, retryAfterMs: 1000, ...details });
    this.unit = unit;
  }
}

/**
 * What a refused trip means for the request. A fence that refused is followed by a look at the decisions at once: this
 * environment's snapshot may be older than the epoch.
 */
export async function refusal(
  outcome: Exclude<WriteOutcome, { kind: 'committed' | 'version-lost' | 'id-taken' | 'decided' }>,
  unit: string,
  switches: Switches,
  deadline?: Deadline,
): Promise<Error> {
  switch (outcome.kind) {
    case 'fenced':
      await switches.unitNow(unit, deadline);
      return new EpochPassed(unit);
    case 'lease-over':
      return new UnitLost(unit, `the lease of unit ${unit} is not renewed`, { retryAfterMs: LEASE_RETRY_MS });
    case 'undecided':
      return new Problem('UNDECIDED');
    case 'busy':
      return unavailable('other writes to this member hold their locks');
    case 'unreachable':
      if (isProblem(outcome.cause, 'SHED')) return outcome.cause;
      return new UnitLost(unit, `the writer of unit ${unit} cannot be reached`, { cause: outcome.cause });
    case 'open':
      return unavailable(`the writer of unit ${unit} did not answer; the outcome is open`, outcome.cause);
  }
}
