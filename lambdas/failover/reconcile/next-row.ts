import {
  accountKind,
  type Binding,
  type ClaimReference,
  canonicalProfileKey,
  contentOf,
  epochOf,
  type Fields,
  type Fork,
  fieldsOf,
  forksAt,
  lookupKeysOf,
  lookupKeyText,
  type MemberDocument,
  type MemberRow,
  type Version,
  withChanges,
} from '../../core';

/**
 * The document that fields make; a unique key that it has rests on the newest claim for it that one of the sources
 * names.
 */
export function documentOf(
  fields: Fields,
  sources: readonly [MemberDocument, ...MemberDocument[]],
  next: { version: Version; now: string },
): MemberDocument {
  const [{ memberId, registeredAt }] = sources;
  const document = {
    memberId,
    version: next.version,
    ...contentOf(fields),
    registeredAt,
    updatedAt: next.now,
  };
  const found = new Set(lookupKeysOf(document).map(lookupKeyText));
  const generations = new Map<string, number>();
  for (const { key, generation } of sources.flatMap(({ heldKeys = [] }) => heldKeys)) {
    if (found.has(key)) generations.set(key, Math.max(generation, generations.get(key) ?? 0));
  }
  const heldKeys = [...generations].map(([key, generation]) => ({ key, generation }));
  return heldKeys.length === 0 ? document : { ...document, heldKeys };
}

/** The claim that a field of a document rests on. */
export function claimOfField(field: string, document: MemberDocument): ClaimReference | undefined {
  const value = fieldsOf(document).get(field);
  if (value === undefined) return undefined;
  if (field.startsWith('accounts.')) {
    const { platform, account, generation } = value as Binding;
    return { key: lookupKeyText({ kind: accountKind(platform), value: account }), generation };
  }
  const kind = field.slice('profile.'.length) as Parameters<typeof canonicalProfileKey>[0];
  return document.heldKeys?.find(({ key }) => key === lookupKeyText({ kind, value: keyOf(kind, value) }));
}

function keyOf(kind: Parameters<typeof canonicalProfileKey>[0], value: unknown): string {
  return typeof value === 'string' ? canonicalProfileKey(kind, value) : '';
}

/** What a row took from a version of an older epoch, at the fork that the epoch meets. */
interface Took {
  readonly fork: Fork;
  readonly version: Version;
  readonly fields: readonly string[];
}

/**
 * The forks of a row that took what it could of a version: older epochs are now contained up to it. For epochs up to
 * the version's own, what was taken is a change; for later ones it came from an older one. An epoch of which the row
 * knew nothing forks off where the row stood.
 */
export function forksWith(row: MemberRow, { fork, version, fields }: Took, now: string): readonly Fork[] {
  const mine = fieldsOf(row.document);
  const bases = fields.map((field) => {
    const earlier = fork.taken[field];
    return [field, earlier === undefined ? (mine.get(field) ?? null) : earlier.base] as const;
  });
  const changed = Object.fromEntries(bases);
  const taken = Object.fromEntries(bases.map(([field, base]) => [field, { version, base }]));
  const epoch = epochOf(version);
  const others = row.forks.filter((other) => other.epoch !== fork.epoch);
  const between = epoch > epochOf(fork.from) ? [{ ...fork, epoch }] : [];
  const forks = [
    ...[...others, ...between].map((other) =>
      other.epoch < fork.epoch ? withChanges(other, changed) : { ...other, taken: { ...other.taken, ...taken } },
    ),
    { ...fork, from: version, taken: { ...fork.taken, ...taken } },
  ];
  return [...forksAt(forks, now)].sort((one, other) => one.epoch - other.epoch);
}
