import { DOMAIN_NAMES, type DomainName, otherRegion, REGIONS, type Region, STAGE_TOPOLOGY } from '../../../topology';
import type { AcceptedSwitch, Arbiter, UnitDecision } from '../../arbiter';
import type { Clock, Log } from '../../core';
import type { Circumstances } from '../../switches';
import type { Suspicion } from '../request';
import { FIRST_MEMORY, isTimeToLook, look, type Memory, type Work } from './memory';
import { type Attempts, due } from './patience';
import { plan, restrained } from './plan';
import type { RenewalWatch } from './renewal-watch';
import { reportsOf } from './reports';
import type { Act } from './view';

/** What a controller may do. Each says in the audit what came of it, and throws where nobody can say. */
export interface Hands {
  /** @param suspicion what this environment saw of the unit's renewals, and when first */
  move(act: Act & { readonly kind: 'move' }, actor: string, suspicion: Suspicion | undefined): Promise<void>;
  turn(act: Act & { readonly kind: 'turn' }, actor: string): Promise<void>;
  readmit(act: Act & { readonly kind: 'readmit' }, actor: string): Promise<void>;
  carryOn(act: Act & { readonly kind: 'carry-on' }): Promise<void>;
}

export interface ControllerParts {
  readonly arbiter: Pick<Arbiter, 'decisions' | 'observations' | 'audit'>;
  readonly region: Region;
  readonly clock: Clock;
  readonly log: Log;
  readonly hands: Hands;
  /** Kept from look to look of this environment. */
  readonly renewals: RenewalWatch;
  /** What is under way now, and what was begun and is not. */
  readonly underWay: (units: readonly UnitDecision[]) => Promise<UnderWay>;
}

export interface UnderWay {
  readonly works: readonly Work[];
  /** Domains that nobody brings back, and that have left lists which were to be given back to them. */
  readonly left: readonly DomainName[];
}

/** Actors that begin so are controllers: what one of them turned another may turn back. */
export const CONTROLLER = 'the controller';

/** What is written down between looks. */
interface Notes {
  readonly memory: Memory;
  readonly attempts: Attempts;
}

/**
 * One look at what the regions report, and what follows from it. Looks may be asked for by many at once: only one of
 * them writes down what it saw, and only that one acts.
 *
 * @throws Problem UNAVAILABLE where the arbiter does not answer: then nobody acts
 */
export async function control(parts: ControllerParts): Promise<void> {
  const { arbiter, region, clock } = parts;
  const stored = await arbiter.observations.memory(region);
  const notes = notesOf(stored.memory);
  const nowMs = clock.nowMs();
  if (!isTimeToLook(notes.memory, nowMs)) return;
  const [reports, units, accepted] = await Promise.all([
    arbiter.observations.reports(),
    arbiter.decisions.units(),
    arbiter.decisions.acceptedSwitches(),
  ]);
  const { works, left } = await parts.underWay(units);
  const memory = look(notes.memory, reportsOf(reports), nowMs, { works, units });
  parts.renewals.note(units, clock.monotonicMs());
  const { writerPatienceMs, promotableLagMs } = STAGE_TOPOLOGY;
  const auto = accepted.find(({ name }) => name === 'failover/auto')?.value;
  const acts = restrained(
    plan({ region, nowMs, memory, units, left, writerPatienceMs, promotableLagMs, switches: switchesOf(accepted) }),
    auto,
  );
  const { due: now, attempts } = due(acts, notes.attempts, nowMs);
  const isOurs = await arbiter.observations.remember(region, { ...stored, memory: { memory, attempts } });
  if (!isOurs) return;
  for (const act of now) {
    await actOn(parts, act).catch((error: Error) =>
      parts.log.warn('an act of the controller failed and is tried again', { act: JSON.stringify(act), error }),
    );
  }
}

async function actOn({ arbiter, region, hands, renewals, log }: ControllerParts, act: Act): Promise<void> {
  const actor = `${CONTROLLER} of region ${region}`;
  switch (act.kind) {
    case 'move':
      return hands.move(act, actor, renewals.of(act.unit));
    case 'turn':
      return hands.turn(act, actor);
    case 'readmit':
      return hands.readmit(act, actor);
    case 'carry-on':
      return hands.carryOn(act);
    case 'hold-back':
      if (act.needsPeople) log.error('a unit is left to people: its copy is too far behind', { unit: act.subject });
      return arbiter.audit.append({
        subject: act.subject,
        actor,
        action: 'holds back',
        outcome: 'noted',
        reason: act.because,
      });
  }
}

/** What the controllers have found to be ill. @throws Problem UNAVAILABLE where the arbiter does not answer */
export async function knownToBeIll(
  { observations }: Pick<Arbiter, 'observations'>,
  region: Region,
): Promise<Circumstances['ill']> {
  const memoryOf = async (name: Region) => notesOf((await observations.memory(name)).memory).memory;
  const [own, others] = await Promise.all([memoryOf(region), memoryOf(otherRegion(region))]);
  return {
    domains: DOMAIN_NAMES.filter((name) => own.standings[`domain/${name}`]?.isWell === false),
    regions: REGIONS.filter((name) => own.standings[`region/${name}`]?.isWell === false),
    // A region knows nothing of its own loss.
    lostAtMs: Object.fromEntries(
      REGIONS.map((name) => [name, Math.max(own.lostAtMs[name] ?? 0, others.lostAtMs[name] ?? 0)]),
    ),
  };
}

/**
 * Of what a version of this code with other subjects wrote, the streaks of a few looks are lost; but not that a region was,
 * for which nobody would check it before it serves.
 */
function notesOf(stored: unknown): Notes {
  const notes = stored as Notes | undefined;
  const subjects = Object.keys(notes?.memory.standings ?? {}).sort();
  const isKnown = subjects.join() === Object.keys(FIRST_MEMORY.standings).sort().join();
  if (notes?.memory.writers !== undefined && isKnown) return notes;
  return { memory: { ...FIRST_MEMORY, lostAtMs: notes?.memory.lostAtMs ?? {} }, attempts: {} };
}

function switchesOf(accepted: readonly AcceptedSwitch[]) {
  return Object.fromEntries(
    accepted.map(({ name, value, revision, actor }) => [
      name,
      { value, revision, byController: actor.startsWith(CONTROLLER) },
    ]),
  );
}
