import fc from 'fast-check';
import {
  contentOf,
  epochOf,
  type FieldValue,
  fieldsOf,
  forksAfter,
  isoTime,
  type MemberDocument,
  type MemberRow,
  nextVersion,
  versionOf,
} from '../../../lambdas/core';
import { type LostValue, reconcile } from '../../../lambdas/failover/reconcile/decide';

export const START_MS = Date.UTC(2026, 0, 1);

/** What a caller does to a member: an account is bound under a generation of its own. */
export type Write = { readonly field: string; readonly value: FieldValue } | 'close';

/** Values are few, so that two epochs often write the same. */
export const anyWrite: fc.Arbitrary<Write> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ field: fc.constantFrom('profile.city', 'profile.locale'), value: text() }) },
  {
    weight: 4,
    arbitrary: fc.record({ field: fc.constantFrom('profile.name'), value: fc.constantFrom('a', 'b', 'c') }),
  },
  { weight: 4, arbitrary: accountWrite() },
  { weight: 1, arbitrary: fc.constant('close' as const) },
);

function text() {
  return fc.constantFrom<FieldValue>(null, 'one', 'two', 'three');
}

function accountWrite(): fc.Arbitrary<Write> {
  return fc.record({ account: fc.constantFrom('x', 'y'), generation: fc.option(fc.integer({ min: 1, max: 99 })) }).map(
    ({ account, generation }): Write => ({
      field: `accounts.app:${account}`,
      value: generation === null ? null : { platform: 'app', account, boundAt: isoTime(START_MS), generation },
    }),
  );
}

export function registered(epoch: number): MemberRow {
  const at = isoTime(START_MS);
  const accounts = [{ platform: 'app', account: 'x', boundAt: at, generation: 1 }];
  const profile = { name: 'a', city: 'one' };
  const document: MemberDocument = {
    memberId: '42',
    version: versionOf(epoch, 1),
    status: 'active',
    profile,
    accounts,
    registeredAt: at,
    updatedAt: at,
  };
  return { document, forks: [] };
}

/** The row after a caller's write, by the path that all writes take; a closed member stays as it is. */
export function written(row: MemberRow, write: Write, epoch: number): MemberRow {
  const { document } = row;
  if (document.status === 'closed') return row;
  const fields = new Map(fieldsOf(document));
  if (write === 'close') {
    fields.set('status', 'closed');
    for (const { platform, account } of document.accounts) fields.set(`accounts.${platform}:${account}`, null);
  } else fields.set(write.field, write.value);
  const after = { ...document, ...contentOf(fields), version: nextVersion(document.version, epoch) };
  return { document: after, forks: forksAfter(row, after) };
}

/** Versions that follow each other, the first being `row`. */
export function line(row: MemberRow, writes: readonly Write[], epoch: number): MemberRow[] {
  const rows = [row];
  for (const write of writes) {
    const last = rows.at(-1) as MemberRow;
    const next = written(last, write, epoch);
    if (next !== last) rows.push(next);
  }
  return rows;
}

/** A member's row and its list, as candidates arrive. */
export class Reconciling {
  row: MemberRow | undefined;
  /** Of each epoch and field the value of the highest version that lost one. */
  readonly listed = new Map<string, LostValue>();
  readonly epoch: number;
  readonly #stands: (generation: number) => boolean;

  constructor(row: MemberRow | undefined, epoch: number, stands: (generation: number) => boolean = () => true) {
    this.row = row;
    this.epoch = epoch;
    this.#stands = stands;
  }

  arrive(candidate: MemberDocument) {
    const stands = ({ generation }: { generation: number }) => this.#stands(generation);
    const decision = reconcile(this.row, candidate, { epoch: this.epoch, nowMs: START_MS, stands });
    if (decision.kind === 'contained') return decision;
    const { document, forks, lost } = decision;
    this.row = { document, forks };
    const epoch = epochOf(candidate.version);
    for (const [key, { version }] of this.listed) {
      if (key.startsWith(`${epoch}#`) && version < candidate.version) this.listed.delete(key);
    }
    for (const value of lost) this.listed.set(`${epochOf(value.version)}#${value.field}`, value);
    return decision;
  }

  write(write: Write): void {
    if (this.row !== undefined) this.row = written(this.row, write, this.epoch);
  }

  /** What is kept, without what counts how it came about. */
  get kept() {
    return this.row === undefined ? undefined : new Map([...fieldsOf(this.row.document)].sort());
  }
}
