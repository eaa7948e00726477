import {
  type LookupKey,
  lookupKeysOf,
  lookupKeyText,
  type MemberDocument,
  type MemberEvent,
  type Profile,
} from '../../../lambdas/core';

export const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2025, 0, 1);

export interface MemberSketch {
  readonly memberId?: string;
  readonly version?: number;
  readonly status?: MemberDocument['status'];
  readonly profile?: Partial<Profile>;
  readonly accounts?: readonly (readonly [platform: string, account: string])[];
  readonly registeredAtMs?: number;
}

export function memberOf(sketch: MemberSketch = {}): MemberDocument {
  const registeredAt = new Date(START_MS + (sketch.registeredAtMs ?? 0)).toISOString();
  return {
    memberId: sketch.memberId ?? '1234567890123456789',
    version: sketch.version ?? 1,
    status: sketch.status ?? 'active',
    profile: { name: 'Ada Lovelace', ...sketch.profile },
    accounts: (sketch.accounts ?? []).map(([platform, account], index) => ({
      platform,
      account,
      boundAt: registeredAt,
      generation: index + 1,
    })),
    registeredAt,
    updatedAt: registeredAt,
  };
}

export function eventOf(document: MemberDocument, removedKeys: readonly LookupKey[] = []): MemberEvent {
  return {
    memberId: document.memberId,
    unit: 'a1',
    version: document.version,
    operationId: `operation-${document.memberId}-${document.version}`,
    document,
    changed: ['*'],
    removedKeys,
    heldClaims: [],
    freedClaims: [],
  };
}

/** The events of a member whose documents follow each other. */
export function eventsOf(documents: readonly MemberDocument[]): MemberEvent[] {
  return documents.map((document, index) => {
    const before = documents[index - 1];
    const present = new Set(lookupKeysOf(document).map(lookupKeyText));
    const removed = before === undefined ? [] : lookupKeysOf(before).filter((key) => !present.has(lookupKeyText(key)));
    return eventOf(document, removed);
  });
}
