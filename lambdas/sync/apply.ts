import { type MemberEvent, unavailable } from '../core';
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
}

/** Applies events to a target, one outcome for each. @throws if the target does not answer */
export type Target = (events: readonly MemberEvent[]) => Promise<readonly EventOutcome[]>;

const NOT_IN_HISTORY = "an event of an older epoch is not in its row's history; it has to be reconciled";

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
    events.map(async (event) => {
      const unit = units.get(event.unit);
      if (unit === undefined || !isOutdated(event, unit.epoch)) return { event, contained: true };
      return ofRow(rule.shards, event, unit);
    }),
  );
  const outcomes = await target(replaced.map(({ event }) => event));
  return outcomes.map((outcome, index) =>
    outcome.ok && replaced[index]?.contained === false
      ? { ok: false, retriable: false, reason: NOT_IN_HISTORY }
      : outcome,
  );
}

async function ofRow(shards: Shards, event: MemberEvent, unit: UnitState) {
  const { row } = await shards.members.read(event.memberId, unit.writer, ROW_TIMEOUT_MS);
  return row === undefined ? { event, contained: false } : eventOfRow(event, row);
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
