import {
  lookupKeysOf,
  lookupKeyText,
  type MemberDocument,
  type MemberEvent,
  type Version,
  versionDigest,
} from '../core';
import type { IndexNames } from './indices';
import { type LookupName, lookupId, type NameLookup } from './lookup-names';
import { maskDocument } from './mask';

/** Puts one document as of a version; it never deletes, because what is deleted could be revived by an old event. */
export interface Operation {
  readonly index: string;
  readonly id: string;
  readonly routing?: string;
  readonly version: Version;
  readonly source: unknown;
}

/** How one domain writes what it is told. */
export interface Writing {
  readonly holds: 'whole' | 'masked';
  readonly nameLookup: NameLookup;
  readonly indices: IndexNames;
}

/** What an event does to a domain: the same whatever came before it, so that events may come in any order. */
export function operationsOf(event: MemberEvent, writing: Writing): Operation[] {
  const document = writing.holds === 'masked' ? maskDocument(event.document) : event.document;
  return [memberOperation(document, writing), ...lookupOperations(event, writing)];
}

function memberOperation(document: MemberDocument, { indices }: Writing): Operation {
  const { name, tier, city, tags, marketingConsent } = document.profile;
  return {
    index: indices.members,
    id: document.memberId,
    version: document.version,
    source: {
      memberId: document.memberId,
      // As text: JSON readers take numbers of this size for others nearby.
      number: document.memberId,
      digest: versionDigest(document.memberId, document.version),
      status: document.status,
      name,
      tier,
      city,
      tags,
      marketingConsent,
      registeredAt: document.registeredAt,
      updatedAt: document.updatedAt,
      document,
    },
  };
}

function lookupOperations(event: MemberEvent, { indices, nameLookup }: Writing) {
  const { memberId, version, document, removedKeys } = event;
  const present = lookupKeysOf(document);
  const presentTexts = new Set(present.map(lookupKeyText));
  const removed = removedKeys.filter((key) => !presentTexts.has(lookupKeyText(key)));
  const keys = [
    ...present.map((key) => ({ key, isRemoved: false })),
    ...removed.map((key) => ({ key, isRemoved: true })),
  ];
  return keys.map(({ key, isRemoved }): Operation => {
    const name = nameLookup(key);
    return {
      index: indices.lookups,
      id: lookupId(name, memberId),
      routing: name.routing,
      version,
      source: lookupSource(name, memberId, isRemoved),
    };
  });
}

export function lookupSource({ kind, value }: Pick<LookupName, 'kind' | 'value'>, memberId: string, removed: boolean) {
  return { kind, value, memberId, number: memberId, removed };
}

/**
 * Under which version something is written: above what stands there (`external`), or also over what stands there under
 * the very version (`external_gte`), which is for repairs, because it may be damaged.
 */
export type VersionType = 'external' | 'external_gte';

/** The body of a bulk request. */
export function bulkBody(operations: readonly Operation[], versionType: VersionType = 'external'): string {
  const lines = operations.flatMap(({ index, id, routing, version, source }) => [
    JSON.stringify({ index: { _index: index, _id: id, routing, version, version_type: versionType } }),
    JSON.stringify(source),
  ]);
  return `${lines.join('\n')}\n`;
}
