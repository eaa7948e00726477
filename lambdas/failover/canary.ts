import { randomUUID } from 'node:crypto';
import { DOMAIN_NAMES, DOMAINS, type DomainName, SHARD_MAP } from '../../topology';
import type { JournaledCommand } from '../arbiter';
import { isoTime, type MemberDocument, type MemberEvent, nextVersion, unavailable } from '../core';
import { type Command, eventOf, replayCommands } from '../members';
import type { Domain } from '../search';
import { encodeMemberId, rangeOf } from '../shards';
import type { UnitState } from '../switches';
import type { DrainParts } from './drain';
import { settleCandidate } from './reconcile';

export interface CanaryParts extends DrainParts {
  readonly domains: Readonly<Record<DomainName, Pick<Domain, 'getMember' | 'write'>>>;
}

const TRIP_TIMEOUT_MS = 3000;
const READ_TIMEOUT_MS = 1000;
/** Before any member was registered: nobody draws an id of this time. */
const DRAWN_AT_MS = Date.UTC(2025, 0, 1);
const RANDOM = 511;
/** What a closed member takes, and nothing else is changed by. */
const COMMAND: Command = { kind: 'close' };

/** A unit's test member. It is closed, so that callers neither find nor change it. */
export function canaryOf(unitName: string): string {
  const placement = SHARD_MAP.find(({ unit }) => unit === unitName)?.from ?? 0;
  return encodeMemberId({ placement, drawnAtMs: DRAWN_AT_MS, region: 'A', layout: 0, random: RANDOM });
}

/**
 * Takes a command of the unit's test member the way that a fallback takes it, while the unit is well: into the journal, out of
 * it, into a search domain and out of it, and into the row. What is never used would not work when it is needed.
 *
 * @throws Error that says where the way ends; what an earlier run has left is only brought to its end
 */
export async function sing(parts: CanaryParts, unitName: string, unit: UnitState): Promise<void> {
  const { commands } = parts.arbiter;
  const before = await standing(parts, unitName, unit).catch((error: Error) => {
    // A writer that is away is what a fallback is for, and other alarms tell of it.
    parts.log.warn('the canary waits for the writer of its unit', { unit: unitName, error });
    return undefined;
  });
  if (before === undefined) return;
  const entry = commandOn(before, unit, parts.clock.nowMs());
  const isLeading = async () => (await standing(parts, unitName, unit)).version > entry.version;
  const isPut = await commands.put(unitName, entry);
  const last = await commands.last(unitName, entry.memberId);
  // A sweep, or another canary, may have been faster.
  const isKept = last !== undefined && last.version >= entry.version;
  if (!isKept && !(await isLeading())) throw new Error('the journal does not have what was put');
  if (isPut) await show(parts, unitName, before, entry);
  const settleBase = (base: MemberDocument) => settleCandidate(parts, { document: base }, { unit, needsLease: true });
  const left = await commands.ofMember(unitName, entry.memberId);
  if (left.length > 0) await replayCommands({ ...parts, settleBase }, left, { unit, needsLease: true });
  if (!(await isLeading())) throw new Error('the row does not lead what was journaled');
  const kept = await commands.ofMember(unitName, entry.memberId);
  if (kept.some(({ operationId }) => operationId === entry.operationId)) {
    throw new Error('the journal keeps what was replayed');
  }
}

function commandOn(base: MemberDocument, { epoch }: UnitState, nowMs: number): JournaledCommand {
  const version = nextVersion(base.version, epoch);
  return {
    memberId: base.memberId,
    version,
    operationId: randomUUID(),
    command: COMMAND,
    document: { ...base, version },
    base,
    isConditional: false,
    claims: [],
    atMs: nowMs,
  };
}

/** One domain with whole documents must take it and show it at once; which ones do not is for other alarms. */
async function show({ domains, log }: CanaryParts, unit: string, before: MemberDocument, entry: JournaledCommand) {
  const event = eventOf(before, entry.document, { unit, operationId: entry.operationId });
  const shown = await Promise.allSettled(DOMAIN_NAMES.map((name) => showIn(domains[name], event)));
  const isShown = (name: DomainName) => shown[DOMAIN_NAMES.indexOf(name)]?.status === 'fulfilled';
  const failed = DOMAIN_NAMES.filter((name) => !isShown(name));
  if (failed.length > 0) log.warn('search domains do not show a command of the canary', { domains: failed.join() });
  if (!DOMAIN_NAMES.some((name) => DOMAINS[name].holds === 'whole' && isShown(name))) {
    throw new Error('no search domain shows what was journaled');
  }
}

async function showIn(domain: Pick<Domain, 'getMember' | 'write'>, event: MemberEvent): Promise<void> {
  const [written] = await domain.write([event]);
  const found = await domain.getMember(event.memberId, READ_TIMEOUT_MS);
  if (written?.ok !== true || found === undefined || found.version < event.version) throw new Error('it is not shown');
}

/** The test member as its row is; it is made where there is none. */
async function standing(parts: CanaryParts, unitName: string, unit: UnitState): Promise<MemberDocument> {
  const { shards, clock, announcer } = parts;
  const memberId = canaryOf(unitName);
  const row = (await shards.recovery.rows([memberId], unit.writer)).get(memberId);
  if (row !== undefined) return row.document;
  const at = isoTime(clock.nowMs());
  const document: MemberDocument = {
    memberId,
    version: nextVersion(0, unit.epoch),
    status: 'closed',
    profile: { name: 'Canary' },
    accounts: [],
    registeredAt: at,
    updatedAt: at,
  };
  const operationId = randomUUID();
  const event = eventOf(undefined, document, { unit: unitName, operationId });
  const trip = {
    range: rangeOf(memberId),
    epoch: unit.epoch,
    operationId,
    expected: undefined,
    document,
    forks: '[]',
    event,
  };
  const outcome = await shards.members.write(trip, unit.writer, TRIP_TIMEOUT_MS);
  if (outcome.kind !== 'committed') throw unavailable(`the canary was not made: ${outcome.kind}`);
  await announcer.announce(event, unit, operationId, 'one');
  return document;
}
