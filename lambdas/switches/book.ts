import { type Region, SWITCHES } from '../../topology';
import {
  type Audit,
  type AuditEntry,
  type Decisions,
  type SwitchBook,
  type SwitchRecord,
  seededRecord,
  type UntoldEntry,
} from '../arbiter';
import { type Clock, type Log, unavailable } from '../core';
import { hashOf, landed, type Turn } from './acceptance';
import { keeperEntry } from './entries';
import { markedDescription } from './marks';
import type { ParameterStore } from './parameter-store';

export interface BookParts {
  readonly decisions: Decisions;
  readonly audit: Audit;
  readonly stores: Readonly<Record<Region, ParameterStore>>;
  /** Lays the compiled snapshot into the caches of both regions. */
  readonly publish: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Change extends Turn {
  /** For the audit, in the words of this change. */
  readonly entries?: readonly AuditEntry[];
  readonly isAccepted?: true;
}

/** An announced put has to leave soon, so that it arrives before others put it, too. */
const LEAVES_WITHIN_MS = 4000;
/** A book that changes this often under one's hands is changed by something that never ends. */
const MOST_ATTEMPTS = 100;

/** The book of switches: it is changed on condition, and what a change announces is done once it stands there. */
export class Book {
  readonly #parts: BookParts;

  constructor(parts: BookParts) {
    this.#parts = parts;
  }

  /** Changes the record on condition that the book is still the one that the change was made from. */
  async change(name: string, make: (record: SwitchRecord, book: SwitchBook) => Promise<Change>): Promise<void> {
    const { decisions, clock } = this.#parts;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const book = await decisions.switchBook();
      const before = recordIn(book, name);
      const change = await make(before, book);
      const untold = (change.entries ?? []).map((entry, index) => this.#untold(book, entry, index));
      if (change.record === before && untold.length === 0) return;
      const record = { ...change.record, untold: [...change.record.untold, ...untold] };
      const announcedAtMs = clock.monotonicMs();
      if (await decisions.changeBook(book, { ...book.records, [name]: record })) {
        await this.#carryOut(name, { ...change, record }, untold, announcedAtMs);
        return;
      }
    }
    throw unavailable(`the switches are changed too often to change ${name}`);
  }

  #untold({ step }: SwitchBook, entry: AuditEntry, index: number): UntoldEntry {
    return { once: { atMs: this.#parts.clock.nowMs(), name: `${step + 1}-${index}` }, entry };
  }

  /** Whatever fails here is found by the next check, or the next heartbeat. */
  async #carryOut(name: string, change: Change, untold: readonly UntoldEntry[], announcedAtMs: number): Promise<void> {
    const steps: [string, Promise<void>][] = [
      ...(change.isAccepted
        ? [['the snapshot was not laid out', this.#parts.publish()] as [string, Promise<void>]]
        : []),
      ...change.puts.map((region): [string, Promise<void>] => [
        `region ${region} was not given the accepted value`,
        this.#put(name, change.record, region, announcedAtMs),
      ]),
      ...(untold.length > 0 ? [['the audit was not told', this.tell(name, untold)] as [string, Promise<void>]] : []),
    ];
    const outcomes = await Promise.allSettled(steps.map(([, step]) => step));
    outcomes.forEach((outcome, index) => {
      if (outcome.status === 'fulfilled') return;
      this.#parts.log.warn(steps[index]?.[0] ?? '', { switch: name, error: outcome.reason as Error });
    });
  }

  async #put(name: string, { text }: SwitchRecord, region: Region, announcedAtMs: number): Promise<void> {
    const { clock, stores } = this.#parts;
    // Who slept since would put what may have been replaced, and what others put by now.
    if (clock.monotonicMs() - announcedAtMs > LEAVES_WITHIN_MS) return;
    const { effect = '' } = SWITCHES.find((one) => one.name === name) ?? {};
    const version = await stores[region].put(name, text, markedDescription(effect));
    const put = { region, hash: hashOf(text), version };
    await this.change(name, async (record) => {
      const turn = landed(record, put, clock.nowMs());
      return turn.hasOverwritten ? { ...turn, entries: [keeperEntry(name, record, region, 'overwritten')] } : turn;
    });
  }

  /** Appends entries to the audit, then forgets that they are owed to it. */
  async tell(name: string, untold: readonly UntoldEntry[]): Promise<void> {
    for (const { entry, once } of untold) await this.#parts.audit.append(entry, once);
    const told = new Set(untold.map(({ once }) => once.name));
    await this.change(name, async (record) => {
      const left = record.untold.filter(({ once }) => !told.has(once.name));
      return unchanged(left.length === record.untold.length ? record : { ...record, untold: left });
    });
  }
}

export function unchanged(record: SwitchRecord): Turn {
  return { record, puts: [] };
}

export function recordIn(book: SwitchBook, name: string): SwitchRecord {
  const found = book.records[name];
  if (found !== undefined) return found;
  const definition = SWITCHES.find((one) => one.name === name);
  return seededRecord(definition?.defaultValue, book.step);
}
