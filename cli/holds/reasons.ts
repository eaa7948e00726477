import type { HoldAnswer } from '../../lambdas/cache';
import { HOLD_WITHIN_MS, mayHold } from '../../lambdas/failover';
import { REGIONS, type Region } from '../../topology';

/** What a hold of a unit rests on, as it was seen just now. */
export interface Footing {
  readonly unit: string;
  /** Where RDS says that the writers of its clusters stand; undefined while RDS says that one is being moved, or they differ. */
  readonly writer: Region | undefined;
  /** Where they stood when the hold began. */
  readonly heldIn: Region;
  /** Epochs that fence and lease agree on, of the clusters where they do. */
  readonly epochs: readonly number[];
  readonly clusters: number;
  /** The operator's own attempt was answered. */
  readonly isArbiterHeard: boolean;
  /** What the caches said; undefined where one did not answer, or nobody asked yet. */
  readonly answers: Readonly<Record<Region, HoldAnswer | undefined>>;
  /** How long the caches and the writer took to answer. */
  readonly askedForMs: number;
}

const SAYS: Readonly<Record<Exclude<HoldAnswer, 'held'>, (region: Region, unit: string) => string>> = {
  moving: (_, unit) => `unit ${unit} is moved under a later epoch than that of its writer`,
  seen: (region) => `region ${region} reaches the arbiter, or did seconds ago`,
  unconfirmed: (region) => `no heartbeat of region ${region} says that its controllers are stopped`,
  young: (region) => `the cache of region ${region} has just begun: it may have forgotten that the unit is moved`,
};

/** Why the unit must not be written by hand any longer, whole sentences; nothing if it may be. */
export function reasonsAgainstHold(footing: Footing): readonly string[] {
  const { unit, writer, heldIn, epochs, clusters, isArbiterHeard, answers, askedForMs } = footing;
  if (isArbiterHeard) return ['the arbiter answers: the heartbeats renew the lease'];
  if (writer !== heldIn) return [`the writers of unit ${unit} do not stand in region ${heldIn} any more, or are moved`];
  if (epochs.length < clusters || new Set(epochs).size !== 1) {
    return [
      `unit ${unit} has no lease that could be extended in region ${heldIn}: it is moved, or takes no writes by will`,
    ];
  }
  const said = REGIONS.flatMap((region) => {
    const answer = answers[region];
    if (answer === undefined) return [`the cache of region ${region} does not answer`];
    return answer === 'held' ? [] : [SAYS[answer](region, unit)];
  });
  if (said.length > 0 || mayHold(answers, askedForMs)) return said;
  return [`caches and writer took ${askedForMs} ms to answer, more than ${HOLD_WITHIN_MS} ms`];
}
