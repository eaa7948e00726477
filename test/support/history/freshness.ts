import { accountText, isRead, type Operation } from './calls';
import { readingsOf, versionRead } from './readings';

/**
 * A cache that does not take a fence within 100 ms is left out of the write's answer (docs/consistency.md). A write
 * that was answered sooner has told both, unless a breaker was open, which needs calls that failed shortly before.
 */
const TOLD_WITHIN_MS = 100;
const CALM_MS = 3000;
/** Keys that are read 200 times a second may be answered from a copy that is up to a second old. */
const HOT_READS = 150;
const HOT_WINDOW_MS = 2000;

/** `all`: both regions' caches answered all the time. `settled`: some did not; only what has settled must be seen. */
export type Freshness = 'all' | 'settled';

/** How old a read may be, by what the caches were certainly told of its key before it began. */
export class FreshReads {
  readonly #settledAt: number;
  /** Highest version of each member that was seen before everything settled. */
  readonly #settled = new Map<string, number>();
  readonly #told: readonly Operation[];
  readonly #reads: readonly Operation[];

  constructor(operations: readonly Operation[], settledAt: number, freshness: Freshness) {
    this.#settledAt = settledAt;
    for (const operation of operations) {
      if (operation.returnedAt > settledAt) continue;
      for (const [member, version] of versionsSeen(operation)) {
        this.#settled.set(member, Math.max(version, this.#settled.get(member) ?? 0));
      }
    }
    this.#told = freshness === 'all' ? toldWrites(operations) : [];
    this.#reads = freshness === 'all' ? operations.filter(({ call }) => isRead(call)) : [];
  }

  /** @returns the least version that a read of a member by this operation may have */
  leastVersion(member: string, read: Operation): number {
    const settled = this.#settledAt < read.invokedAt ? (this.#settled.get(member) ?? 0) : 0;
    const told = this.#told.filter((write) => write.returnedAt < read.invokedAt && subjectOf(write) === member);
    const newest = Math.max(0, ...told.flatMap((write) => versionsSeen(write).map(([, version]) => version)));
    return newest > settled && !this.#isHot(read, member) ? newest : settled;
  }

  /** @returns since when what a look-up of an account said must have been true at some time */
  sinceFor(account: string, find: Operation): number {
    const { call, outcome, invokedAt } = find;
    // Whoever shows a token is told "not bound" by the arbiter only.
    if (call.kind === 'find' && call.minVersion !== undefined && outcome.kind === 'refused') return invokedAt;
    const settled = this.#settledAt < invokedAt ? this.#settledAt : 0;
    const told = this.#told.filter((write) => write.returnedAt < invokedAt && concerns(write, account));
    const newest = Math.max(0, ...told.map(({ returnedAt }) => returnedAt));
    return newest > settled && !this.#isHot(find, account) ? newest : settled;
  }

  #isHot(read: Operation, key: string): boolean {
    const since = read.startedMs - HOT_WINDOW_MS;
    const near = this.#reads.filter((one) => one.endedMs > since && one.startedMs < read.endedMs && reads(one, key));
    return near.length >= HOT_READS;
  }
}

/** Writes of which both caches knew when they were answered. */
function toldWrites(operations: readonly Operation[]): Operation[] {
  const writes = operations.filter(({ call }) => !isRead(call));
  const slow = operations.filter(({ startedMs, endedMs }) => endedMs - startedMs >= TOLD_WITHIN_MS);
  return writes.filter((write) => {
    const isCalm = !slow.some((one) => one.startedMs < write.endedMs && one.endedMs > write.startedMs - CALM_MS);
    return isCalm && versionOf(write) !== undefined && isMaker(write, writes);
  });
}

/** What found its command carried out already told nobody; whoever did may still be telling. */
function isMaker(write: Operation, writes: readonly Operation[]): boolean {
  const member = subjectOf(write);
  return !writes.some((other) => {
    if (other === write || subjectOf(other) !== member) return false;
    return other.outcome.kind === 'unknown' || versionOf(other) === versionOf(write);
  });
}

function versionOf({ outcome }: Operation): string | undefined {
  return outcome.kind === 'ok' ? outcome.version : undefined;
}

/** The member that a write was about. */
function subjectOf({ call, outcome }: Operation): string | undefined {
  if ('member' in call) return call.member;
  return outcome.kind === 'ok' ? outcome.document?.memberId : undefined;
}

function versionsSeen(operation: Operation): [member: string, version: number][] {
  const read = readingsOf(operation).flatMap((one): [string, number][] => {
    const version = versionRead(one);
    return version === undefined ? [] : [[one.member, version]];
  });
  const member = subjectOf(operation);
  const version = versionOf(operation);
  return isRead(operation.call) || member === undefined || version === undefined
    ? read
    : [...read, [member, Number(version)]];
}

function concerns({ call }: Operation, account: string): boolean {
  if (call.kind === 'register') return call.accounts.some((one) => accountText(one) === account);
  return call.kind === 'close' || ('platform' in call && accountText(call) === account);
}

function reads({ call, outcome }: Operation, key: string): boolean {
  if (call.kind === 'batch') return call.members.includes(key);
  if (call.kind === 'get') return call.member === key;
  const found = outcome.kind === 'ok' ? outcome.document?.memberId : undefined;
  return call.kind === 'find' && (accountText(call) === key || found === key);
}
