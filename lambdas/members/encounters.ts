import type { Claim } from '../arbiter';
import type { MemberDocument } from '../core';
import { holdsClaim } from './changes';

/** What the holder's row and schema say about a claim, read under the fence and the lease of its unit. */
export interface Evidence {
  readonly document: MemberDocument | undefined;
  /** What became of the claim's operation; undefined if nothing has decided it yet. */
  readonly decided: 'committed' | 'aborted' | undefined;
}

export type EncounterStep =
  /** The holder's row names this generation: the claim is the holder's. */
  | 'held'
  /** The row does not hold it and never will under this generation: it may be taken over. */
  | 'take-over'
  /** Its operation is still under way and its lease runs. */
  | 'wait'
  /** Its operation was given up by whoever ran it: decide it as aborted before anything else. */
  | 'abort-first';

/**
 * What to do about a claim that is not free. The row is the truth; the state of the claim is only tidying: `held` says
 * that its operation was committed once, so a row without its generation has given it up since.
 */
export function decideEncounter(claim: Claim, evidence: Evidence, nowMs: number): EncounterStep {
  if (isHeldBy(claim, evidence)) return 'held';
  if (claim.state === 'held' || evidence.decided !== undefined) return 'take-over';
  return nowMs < claim.leaseUntilMs ? 'wait' : 'abort-first';
}

/** A request's claim stands for the member that the request registers; any other for one binding or key. */
function isHeldBy(claim: Claim, { document, decided }: Evidence): boolean {
  // A row alone does not do: the id that was drawn for the request may be somebody else's.
  if (isRequestKey(claim.key)) return document !== undefined && (claim.state === 'held' || decided === 'committed');
  return holdsClaim(document, claim);
}

const REQUEST_KIND = 'request:';

export function requestKey(callerId: string, idempotencyKey: string): string {
  return `${REQUEST_KIND}${callerId}:${idempotencyKey}`;
}

export function isRequestKey(key: string): boolean {
  return key.startsWith(REQUEST_KIND);
}
