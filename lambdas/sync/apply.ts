import { isInHistory, type MemberEvent, type MemberRow, unavailable } from '../core';
import type { Shards } from '../shards';
import type { Switches, UnitState } from '../switches';
import { eventOfRow, isOutdated } from './epochs';
import type { EventOutcome } from './records';

const ROW_TIMEOUT_MS = 2000;
/** A batch is applied again under the next epoch this often; then it comes back as a whole. */
const EPOCHS = 3;

export interface EpochRule {
  readonly switches: Switches;
  readonly shards: Shards;
  /**
   * Brings an event that is not in its row's history into the row. One consumer of each region does; all others apply the
   * row as it is.
   *
   * @throws where it has to be tried again
   */
  readonly settle?: (event: MemberEvent, unit: UnitState) => Promise<unknown>;
  /**
   * Gives an event that is not in its row's history to the consumer that settles such: that one may have seen its own copy
   * before the failover, when there was nothing to settle.
   *
   * @throws where it has to be tried again
   */
  readonly handOver?: (event: MemberEvent) => Promise<unknown>;
}

/** Applies events to a target, one outcome for each. @throws if the target does not answer */
export type Target = (events: readonly MemberEvent[]) => Promise<readonly EventOutcome[]>;

/**
 * Applies events under the epoch rule: one that is older than its unit's epoch is replaced by the row at the writer.
 * The epochs are read strongly after the batch was written: if one rose meanwhile, the batch was written by someone who
 * may have slept through a failover, and is applied again under the new epoch.
 */
export async function applyByEpoch(
  rule: EpochRule,
  events: readonly MemberEvent[],
  target: Target,
): Promise<readonly EventOutcome[]> {
  let units = await knownUnits(rule.switches, events);
  for (let epochs = 0; epochs < EPOCHS; epochs += 1) {
    const outcomes = await applyOnce(rule, events, units, target);
    const now = await unitsNow(rule.switches, [...units.keys()]);
    if ([...units].every(([name, unit]) => now.get(name)?.epoch === unit.epoch)) return outcomes;
    units = now;
  }
  throw unavailable('the epochs of these units keep rising');
}

async function applyOnce(
  rule: EpochRule,
  events: readonly MemberEvent[],
  units: ReadonlyMap<string, UnitState>,
  target: Target,
): Promise<readonly EventOutcome[]> {
  const replaced = await Promise.all(
    events.map((event): Replaced | Promise<Replaced> => {
      const unit = units.get(event.unit);
      return unit === undefined || !isOutdated(event, unit.epoch) ? { event } : replace(rule, event, unit);
    }),
  );
  const applied = replaced.flatMap(({ event }) => event ?? []);
  const outcomes = (await target(applied)).values();
  return replaced.map(({ event, outcome }) => outcome ?? (event && outcomes.next().value) ?? { ok: true });
}

/** What is applied instead of an outdated event, and what becomes of the event if that is known already. */
interface Replaced {
  /** Absent where the writer knows no such member. */
  readonly event?: MemberEvent;
  readonly outcome?: EventOutcome;
}

/** One writer that is away holds up its own unit's events, and not those that came in the same batch. */
async function replace(
  { shards, settle, handOver }: EpochRule,
  event: MemberEvent,
  unit: UnitState,
): Promise<Replaced> {
  try {
    if (settle !== undefined) await settle(event, unit);
    const { row } = await shards.members.read(event.memberId, unit.writer, ROW_TIMEOUT_MS);
    if (handOver !== undefined && !isContained(event, row)) await handOver(event);
    return row === undefined ? {} : { event: eventOfRow(event, row) };
  } catch (error) {
    return { outcome: { ok: false, retriable: true, reason: (error as Error).message } };
  }
}

function isContained({ version }: MemberEvent, row: MemberRow | undefined): boolean {
  return row !== undefined && isInHistory(version, { version: row.document.version, forks: row.forks });
}

async function knownUnits(switches: Switches, events: readonly MemberEvent[]): Promise<Map<string, UnitState>> {
  const { units } = await switches.current();
  const names = [...new Set(events.map((event) => event.unit))];
  const known = new Map<string, UnitState>();
  for (const name of names) known.set(name, units[name] ?? (await switches.unitNow(name)));
  return known;
}

async function unitsNow(switches: Switches, names: readonly string[]): Promise<Map<string, UnitState>> {
  const units = await Promise.all(names.map((name) => switches.unitNow(name)));
  return new Map(names.map((name, index) => [name, units[index] as UnitState]));
}
