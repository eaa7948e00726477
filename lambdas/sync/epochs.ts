import { epochOf, lookupKeysOf, lookupKeyText, type MemberEvent, type MemberRow } from '../core';

/** An event of an older epoch of its unit is not applied: the row at the writer is, whatever it says. */
export function isOutdated(event: MemberEvent, unitEpoch: number): boolean {
  return epochOf(event.version) < unitEpoch;
}

/**
 * The event to apply instead of an outdated one: the row as it is, without the keys that the outdated event or its
 * document knew and the row does not have.
 */
export function eventOfRow(outdated: MemberEvent, { document }: MemberRow): MemberEvent {
  const present = new Set(lookupKeysOf(document).map(lookupKeyText));
  const known = [...lookupKeysOf(outdated.document), ...outdated.removedKeys];
  return {
    ...outdated,
    version: document.version,
    document,
    changed: [],
    removedKeys: known.filter((key) => !present.has(lookupKeyText(key))),
    heldClaims: [],
    freedClaims: [],
  };
}
