import { randomUUID } from 'node:crypto';
import { REGIONS, type Region, UNITS } from '../../topology';
import type { Arbiter, UnitDecision } from '../arbiter';
import type { Clock, Log } from '../core';
import type { Shards } from '../shards';
import type { Clusters } from './clusters';
import { type Judgement, judge, type Sighting, type UnitRequest } from './judgement';
import { begun } from './transition';

export interface RequestParts {
  readonly arbiter: Pick<Arbiter, 'decisions' | 'audit'>;
  readonly shards: Pick<Shards, 'ping'>;
  readonly clusters: Pick<Clusters, 'describe'>;
  readonly region: Region;
  readonly clock: Clock;
  readonly log: Log;
  /** Has somebody carry on the transition that has begun; tried once, and never fails. */
  readonly wake: (unit: string, to: Region) => Promise<void>;
}

/** What was seen before somebody decided by himself that a unit has to move. */
export interface Suspicion {
  readonly epoch: number;
  /** How many renewals there were, and when that was first known, by the monotonic clock of this environment. */
  readonly renewals: number;
  readonly sinceMs: number;
}

export type RequestAnswer = { readonly accepted: true } | { readonly accepted: false; readonly reason: string };

const PING_TIMEOUT_MS = 1500;
/** The heartbeats of a writer that is well renew in between. */
const ATTEMPTS = 10;
/**
 * A look that began longer ago, which is more than one takes, is taken again: whoever slept since would give up a writer that
 * answers by now.
 */
const SEEN_WITHIN_MS = 10_000;

/**
 * Begins the transition that brings a unit to where it is wanted, if that is safe. The epoch is taken on condition that
 * nobody has renewed since the decision was read, so that it is known how long the old writer may still write.
 *
 * @param actor an operator's name, or the part of the system that asks
 * @param automatic for a request of no operator: it is refused unless `failover/auto` is on; with a suspicion also unless
 * nothing has renewed since, and then what has passed since counts as waited for
 * @throws Problem UNAVAILABLE where the arbiter does not answer: then nothing is known to have begun
 */
export async function requestUnit(
  parts: RequestParts,
  unit: string,
  request: UnitRequest,
  actor: string,
  automatic?: 'automatic' | Suspicion,
): Promise<RequestAnswer> {
  const { audit } = parts.arbiter;
  const answer = await decide(parts, unit, request, actor, automatic);
  const asked = `asked for unit ${unit} to be written in region ${request.writer} in mode ${request.mode}`;
  await audit
    .append({
      subject: `unit/${unit}`,
      actor,
      action: asked,
      ...(answer.accepted ? { outcome: 'accepted' } : { outcome: 'refused', reason: answer.reason }),
    })
    .catch((error: Error) => parts.log.warn('a request is missing in the audit', { unit, error }));
  return answer;
}

async function decide(
  parts: RequestParts,
  unit: string,
  request: UnitRequest,
  actor: string,
  automatic: 'automatic' | Suspicion | undefined,
): Promise<RequestAnswer> {
  const { arbiter, clock } = parts;
  let lookedAtMs = clock.nowMs();
  let sighting = await look(parts, unit);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const epoch = await arbiter.decisions.drawEpoch();
    const seen = await arbiter.decisions.unit(unit);
    const seenAtMs = clock.monotonicMs();
    if (seen === undefined) return refused(`there is no unit ${unit}`);
    // By the clock on the wall: the monotonic one may stand still while an environment is frozen.
    if (Math.abs(clock.nowMs() - lookedAtMs) > SEEN_WITHIN_MS) {
      lookedAtMs = clock.nowMs();
      sighting = await look(parts, unit);
      continue;
    }
    const against = automatic === undefined ? undefined : await objection(arbiter, seen, automatic);
    if (against !== undefined) return refused(against);
    const judgement: Judgement = judge(request, seen, sighting);
    if (judgement.kind === 'refuse') return refused(judgement.reason);
    if (judgement.kind === 'stands') return { accepted: true };
    const order = { kind: judgement.transition, to: request.writer, mode: request.mode, actor };
    const hand = { by: `${parts.region}/${randomUUID()}`, nowMs: clock.nowMs() };
    const waitedMs = clock.monotonicMs() - (typeof automatic === 'object' ? automatic.sinceMs : seenAtMs);
    // Whoever drew after us has taken a higher one: an epoch never goes back.
    if (
      epoch > seen.epoch &&
      (await arbiter.decisions.replaceUnit(seen, begun(seen, order, { epoch, waitedMs, hand })))
    ) {
      await parts.wake(unit, request.writer);
      return { accepted: true };
    }
  }
  return refused(`others decide about unit ${unit} at the same time: ask again`);
}

/** What speaks against moving a unit that no operator has asked for. */
async function objection(
  { decisions }: RequestParts['arbiter'],
  seen: UnitDecision,
  automatic: 'automatic' | Suspicion,
): Promise<string | undefined> {
  const auto = await decisions.acceptedSwitch('failover/auto');
  if (auto?.value !== 'on') return 'failover/auto is not on';
  if (automatic === 'automatic') return undefined;
  const isStill = seen.epoch === automatic.epoch && seen.renewals === automatic.renewals;
  return isStill ? undefined : `the lease of unit ${seen.unit} has been renewed meanwhile`;
}

function refused(reason: string): RequestAnswer {
  return { accepted: false, reason };
}

async function look({ shards, clusters }: RequestParts, unit: string): Promise<Sighting> {
  const names = UNITS.find(({ name }) => name === unit)?.clusters ?? [];
  const answersIn = async (region: Region) => {
    const pings = await Promise.allSettled(names.map((name) => shards.ping(name, region, PING_TIMEOUT_MS)));
    return pings.every(({ status }) => status === 'fulfilled');
  };
  const describing = Promise.all(names.map((name) => clusters.describe(name).catch(() => undefined)));
  const [states, inA, inB] = await Promise.all([describing, answersIn('A'), answersIn('B')]);
  const inStep = (region: Region) =>
    states.every((state) => state?.members.some((member) => member.region === region && member.isAvailable) ?? false);
  const restsIn = REGIONS.find((region) =>
    states.every((state) => state?.writer === region && state.status === 'available'),
  );
  return { answers: { A: inA, B: inB }, inStep: { A: inStep('A'), B: inStep('B') }, restsIn };
}
