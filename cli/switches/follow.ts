import type { SwitchRecord } from '../../lambdas/arbiter';
import { hashOf } from '../../lambdas/switches';
import type { Region } from '../../topology';

/** A value that was put into a region's store. */
export interface Given {
  readonly region: Region;
  readonly text: string;
  /** Of the parameter, as the store answered. */
  readonly version: number;
}

export type Followed =
  /** Nobody has looked yet. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'accepted'; readonly revision: number; readonly step: number }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }
  /** Something else stands, which was accepted meanwhile. */
  | { readonly kind: 'overtaken'; readonly revision: number; readonly standing: string };

/** What has become of a value, by the records of before it was given and of now. */
export function follow(before: SwitchRecord | undefined, now: SwitchRecord, given: Given): Followed {
  const { revision, refused, acceptedInStep: step } = now;
  const isNew = revision > (before?.revision ?? 1);
  if (isNew && hashOf(now.text) === hashOf(given.text)) return { kind: 'accepted', revision, step };
  const isRefused = refused !== undefined && refused.at !== before?.refused?.at && refused.region === given.region;
  if (isRefused && given.text.startsWith(refused.text)) return { kind: 'refused', reasons: refused.reasons };
  const seen = now.stores[given.region].seen?.version ?? 0;
  if (seen < given.version) return { kind: 'waiting' };
  return { kind: 'overtaken', revision, standing: now.text };
}
