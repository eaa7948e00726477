import { randomBytes } from 'node:crypto';
import { type Clock, isoTime } from '../core';
import { type Item, readOneOf, readOptionalText, readText, text } from './item';
import type { ItemTable } from './table';

const OUTCOMES = ['accepted', 'refused', 'done', 'noted'] as const;

/** What was done, or was asked for and refused, told so that an operator understands it without anything else. */
export interface AuditEntry {
  /** What it is about: `switch/<name>`, `unit/<u>`, `domain/<d>`, `cache/<r>`, `region/<r>`, `caller/<id>`. */
  readonly subject: string;
  /** Who wanted it: an operator's name, or the part of the system that decided by itself. */
  readonly actor: string;
  /** What was wanted, as a clause that follows the actor: `turned search/order to ["standby"]`. */
  readonly action: string;
  /**
   * `accepted`: it is decided. `refused`: it is not, for the reason. `done`: a step has been taken. `noted`: nothing was
   * decided, but someone will ask.
   */
  readonly outcome: (typeof OUTCOMES)[number];
  readonly reason?: string;
  /** For programs: any JSON value. */
  readonly detail?: unknown;
}

/** An entry as it stands. */
export interface AuditRecord extends AuditEntry {
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** Begins with the time, so that ids of one subject are in order. */
  readonly id: string;
}

/** Every call throws Problem UNAVAILABLE where the arbiter does not answer. */
export interface Audit {
  /**
   * @param once stands for the entry however often it is appended: its time (milliseconds since 1970) and a name that no
   * other entry of the subject has at that time. Without it the entry is a new one, of now.
   */
  append(entry: AuditEntry, once?: { readonly atMs: number; readonly name: string }): Promise<void>;
  /**
   * The newest first, strongly consistent.
   *
   * @param page `limit` entries at most, all of them older than `before`: an id, or a time in ISO 8601
   */
  list(subject: string, page: { readonly limit: number; readonly before?: string }): Promise<AuditRecord[]>;
}

/** Sorts after every id. */
const END = '~';

export function createAudit(table: ItemTable, clock: Clock): Audit {
  return {
    async append(entry, once = { atMs: clock.nowMs(), name: randomBytes(6).toString('hex') }) {
      const id = `${isoTime(once.atMs)}#${once.name}`;
      const values: Record<string, string | undefined> = {
        actor: entry.actor,
        action: entry.action,
        outcome: entry.outcome,
        reason: entry.reason,
        detail: entry.detail === undefined ? undefined : JSON.stringify(entry.detail),
      };
      const present = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
      await table.write(auditKey(entry.subject, id), {
        update: `SET ${present.map(([name]) => `#${name} = :${name}`).join(', ')}`,
        values: Object.fromEntries(present.map(([name, value]) => [`:${name}`, text(value)])),
      });
    },

    async list(subject, { limit, before = END }) {
      const items = await table.query({
        keys: '#partition = :partition AND #sort < :before',
        values: { ':partition': text(auditPartition(subject)), ':before': text(before) },
        limit,
        newestFirst: true,
        consistent: true,
      });
      return items.slice(0, limit).map(recordOf);
    },
  };
}

const PREFIX = 'audit#';

function auditPartition(subject: string): string {
  return `${PREFIX}${subject}`;
}

function auditKey(subject: string, id: string): Item {
  return { partition: text(auditPartition(subject)), sort: text(id) };
}

function recordOf(item: Item): AuditRecord {
  const id = readText(item, 'sort');
  const reason = readOptionalText(item, 'reason');
  const detail = readOptionalText(item, 'detail');
  return {
    subject: readText(item, 'partition').slice(PREFIX.length),
    at: id.slice(0, id.indexOf('#')),
    id,
    actor: readText(item, 'actor'),
    action: readText(item, 'action'),
    outcome: readOneOf(item, 'outcome', OUTCOMES),
    ...(reason === undefined ? {} : { reason }),
    ...(detail === undefined ? {} : { detail: JSON.parse(detail) as unknown }),
  };
}
