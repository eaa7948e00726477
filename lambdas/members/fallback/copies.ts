import { DOMAIN_NAMES, DOMAINS, type DomainName } from '../../../topology';
import type { Arbiter } from '../../arbiter';
import { epochOf, type MemberDocument, type MemberEvent, unavailable, type Version } from '../../core';
import { boundedBy, type Deadline } from '../../resilience';
import type { Domain } from '../../search';
import { rangeOf } from '../../shards';
import type { UnitState } from '../../switches';
import { eventOf } from '../changes';

const WHOLE_DOMAINS = DOMAIN_NAMES.filter((name) => DOMAINS[name].holds === 'whole');
const READ_TIMEOUT_MS = 500;
/** What the journal may take of a read: without it the domains are believed. */
const LAST_MS = 1500;
/** A domain that is slower learns of the command when it is next read, or when the unit is back. */
const APPLY_MS = 800;

export type FallbackDomains = Readonly<Record<DomainName, Pick<Domain, 'getMember' | 'write'>>>;
type LastCommand = Pick<Arbiter['commands'], 'last'>;

/** Whether the rows of a unit may lack what was accepted, so that members are read from the journal and the domains. */
export function readsJournal({ mode, drains }: UnitState): boolean {
  return mode === 'fallback' || drains === true;
}

/** What a command is applied to in fallback. */
export interface FallbackBase {
  readonly document: MemberDocument;
  /** Whether it is a search domain's copy, which may be behind what was committed; else the journal's, which is exact. */
  readonly isCopy: boolean;
}

/**
 * The last journaled command says what a member is; without one the highest version that a domain has.
 *
 * @throws Problem UNAVAILABLE where neither has the member: that proves nothing
 */
export async function readBase(
  { commands, domains }: { commands: LastCommand; domains: FallbackDomains },
  memberId: string,
  { epoch }: UnitState,
  deadline: Deadline,
): Promise<FallbackBase> {
  const lastPut = boundedBy(deadline, commands.last(rangeOf(memberId).unit, memberId), 'the arbiter');
  const last = (await lastPut)?.document;
  if (last !== undefined && epochOf(last.version) === epoch) return { document: last, isCopy: false };
  const timeoutMs = deadline.child(READ_TIMEOUT_MS).remainingMs;
  const reads = await Promise.allSettled(WHOLE_DOMAINS.map((name) => domains[name].getMember(memberId, timeoutMs)));
  const copies = reads.flatMap((read) => (read.status === 'fulfilled' && read.value !== undefined ? [read.value] : []));
  const [best] = [...copies, ...(last === undefined ? [] : [last])].sort((a, b) => b.version - a.version);
  if (best === undefined) throw unavailable('no search domain that answers has the member');
  return { document: best, isCopy: best !== last };
}

/** Shows an accepted command to whoever reads, in every domain that answers in time. */
export async function applyToDomains(domains: FallbackDomains, event: MemberEvent, deadline: Deadline): Promise<void> {
  const timeoutMs = deadline.child(APPLY_MS).remainingMs;
  await Promise.allSettled(DOMAIN_NAMES.map((name) => domains[name].write([event], timeoutMs)));
}

/**
 * How one domain is read in fallback: where it has missed the last journaled command it is given that first, so that nobody
 * reads what came before it. Without the arbiter the domain is believed.
 */
export async function readerOf(commands: LastCommand, memberId: string, wanted: Version, deadline: Deadline) {
  const { unit } = rangeOf(memberId);
  const last = await boundedBy(deadline.child(LAST_MS), commands.last(unit, memberId), 'the arbiter').catch(
    () => undefined,
  );
  return async (domain: Pick<Domain, 'getMember' | 'write'>, until: Deadline): Promise<MemberDocument | undefined> => {
    const found = await domain.getMember(memberId, until.remainingMs);
    if (last === undefined || (found !== undefined && found.version >= last.version)) {
      return found !== undefined && found.version >= wanted ? found : undefined;
    }
    const { document, base, operationId } = last;
    const [written] = await domain.write([eventOf(base, document, { unit, operationId })], until.remainingMs);
    if (written?.ok !== true) throw unavailable('a search domain does not take a journaled command');
    return document.version >= wanted ? document : undefined;
  };
}
