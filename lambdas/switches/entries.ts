import type { Region } from '../../topology';
import type { AuditEntry, SwitchRecord } from '../arbiter';

/** Of a value in a sentence; the whole of it stands in the history of the parameter. */
const SHOWN_LENGTH = 300;

export function shown(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length <= SHOWN_LENGTH ? line : `${line.slice(0, SHOWN_LENGTH)}...`;
}

export function subjectOf(name: string): string {
  return `switch/${name}`;
}

export function acceptedEntry(
  name: string,
  { actor, text, revision }: SwitchRecord,
  former: SwitchRecord,
  because?: string,
): AuditEntry {
  return {
    subject: subjectOf(name),
    actor,
    action: `turned ${name} to ${shown(text)}`,
    outcome: 'accepted',
    reason: `${because === undefined ? '' : `${because} `}It is revision ${revision}; before, it was ${shown(former.text)}.`,
    detail: { revision, value: JSON.parse(text) as unknown, former: JSON.parse(former.text) as unknown },
  };
}

export function refusedEntry(
  name: string,
  { text: standing, revision }: SwitchRecord,
  order: { readonly text: string; readonly actor: string; readonly reasons: readonly string[] },
): AuditEntry {
  return {
    subject: subjectOf(name),
    actor: order.actor,
    action: `turned ${name} to ${shown(order.text)}`,
    outcome: 'refused',
    reason: `${order.reasons.join(' ')} ${shown(standing)}, revision ${revision}, stands.`,
    detail: { revision },
  };
}

/** What the keeper met that nobody has ordered. */
export function keeperEntry(
  name: string,
  { text, revision }: SwitchRecord,
  region: Region,
  met: 'late' | 'lost' | 'overwritten',
): AuditEntry {
  const actions = {
    late: `saw a late copy of an earlier value of ${name} arrive in region ${region}`,
    lost: `found that the store of region ${region} has lost ${name}`,
    overwritten: `overwrote a change of ${name} in region ${region} before anyone had looked at it`,
  };
  return {
    subject: subjectOf(name),
    actor: 'the keeper of the switches',
    action: actions[met],
    outcome: 'noted',
    reason: `${shown(text)}, revision ${revision}, ${met === 'overwritten' ? 'stands' : 'is put there again'}.`,
    detail: { revision, region },
  };
}
