import { type Region, SWITCHES } from '../../topology';
import {
  type Audit,
  type AuditEntry,
  acceptedIn,
  type Decisions,
  type SwitchBook,
  type SwitchRecord,
  seededRecord,
  type UntoldEntry,
} from '../arbiter';
import { type Clock, type Log, unavailable } from '../core';
import { accept, hashOf, isReminder, landed, look, type Parameter, refuse, seenIn, type Turn } from './acceptance';
import { readValue, type UnitRequest } from './catalogue';
import { acceptedEntry, keeperEntry, refusedEntry } from './entries';
import type { ParameterStore } from './parameter-store';
import { type Circumstances, NOTHING_ILL, reasonsAgainst } from './safety';

/** Has a unit moved, or says why not. Asking again for what is under way already is accepted. */
export type RequestUnit = (
  unit: string,
  request: UnitRequest,
  actor: string,
) => Promise<{ readonly accepted: true } | { readonly accepted: false; readonly reason: string }>;

export interface KeeperParts {
  readonly decisions: Decisions;
  readonly audit: Audit;
  readonly stores: Readonly<Record<Region, ParameterStore>>;
  readonly requestUnit: RequestUnit;
  /** Lays the compiled snapshot into the caches of both regions. */
  readonly publish: () => Promise<void>;
  readonly ill?: () => Promise<Circumstances['ill']>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What became of an order. */
export type Ordered =
  | { readonly accepted: true; readonly revision: number }
  | { readonly accepted: false; readonly reasons: readonly string[] };

interface Change extends Turn {
  /** For the audit, in the words of this change. */
  readonly entries?: readonly AuditEntry[];
  readonly isAccepted?: true;
}

/** An announced put has to leave soon, so that it arrives within the time that its announcement counts. */
const LEAVES_WITHIN_MS = 4000;
/** A book that changes this often under one's hands is changed by something that never ends. */
const MOST_ATTEMPTS = 100;

/** Keeps the switches: takes what operators and the machine turn them to, and has every store hold what was accepted. */
export class Keeper {
  readonly #parts: KeeperParts;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /**
   * Looks at a switch in the store of a region, because it may have been turned there.
   *
   * @throws Problem UNAVAILABLE without the arbiter, or the client's error where the store does not answer
   */
  async look(name: string, region: Region): Promise<void> {
    await this.#change(name, async (record, book) => {
      const parameter = (await this.#parts.stores[region].read([name])).get(name);
      const turn = look(record, { region, parameter }, this.#parts.clock.nowMs());
      if (turn.meaning === 'order' && parameter !== undefined) {
        return this.#decide(name, { record, book }, { region, parameter });
      }
      if (isReminder(record, { region, parameter })) await this.#remind(name, record, region, parameter);
      const { meaning } = turn;
      const isTold = turn.puts.length > 0 && (meaning === 'late' || meaning === 'lost');
      return isTold ? { ...turn, entries: [keeperEntry(name, record, region, meaning)] } : turn;
    });
  }

  /**
   * Turns a switch as an operator would, by the same rules, in both regions at once.
   *
   * @param order `because` is a whole sentence for the audit; with `expectedRevision` it is refused if someone has turned
   * the switch since
   * @throws Problem UNAVAILABLE without the arbiter
   */
  async order(
    name: string,
    value: unknown,
    order: { readonly actor: string; readonly because: string; readonly expectedRevision?: number },
  ): Promise<Ordered> {
    return this.#turn(name, value, order, (record, book) => this.#reasons(name, record, book, order.actor));
  }

  /** Records what the machine has made of a unit's switch: the truth of the unit, which nobody can refuse. */
  async reached(
    unit: string,
    value: UnitRequest,
    order: { readonly actor: string; readonly because: string },
  ): Promise<Ordered> {
    return this.#turn(`units/${unit}`, value, order, async () => []);
  }

  /**
   * Records where units stand that have got there while nobody could record it: whoever moved them has died, or nothing
   * answered. Else nobody could send them back, because asking for what a switch says already is no order.
   */
  async followUnits(): Promise<void> {
    const { decisions } = this.#parts;
    // In this order: whoever is asked for meanwhile is in transition by now, or has a later revision.
    const book = await decisions.switchBook();
    for (const { unit, writer, mode, transition } of await decisions.units()) {
      const { text, revision } = recordIn(book, `units/${unit}`);
      const stands = { writer, mode };
      if (transition !== undefined || hashOf(text) === hashOf(JSON.stringify(stands))) continue;
      const because = `Unit ${unit} stands there.`;
      const order = { actor: 'failover', because, expectedRevision: revision };
      await this.#turn(`units/${unit}`, stands, order, async () => []);
    }
  }

  /** Compares the store of a region with what was accepted: turns that nobody was told of, and losses. */
  async check(region: Region): Promise<void> {
    const { decisions, stores, clock } = this.#parts;
    const book = await decisions.switchBook();
    const parameters = await stores[region].read(SWITCHES.map(({ name }) => name));
    for (const { name } of SWITCHES) {
      const record = recordIn(book, name);
      const turn = look(record, { region, parameter: parameters.get(name) }, clock.nowMs());
      if (turn.meaning === 'order' || turn.record !== record) await this.look(name, region);
      if (record.untold.length > 0) await this.#tell(name, record.untold);
    }
  }

  async #turn(
    name: string,
    value: unknown,
    order: { readonly actor: string; readonly because: string; readonly expectedRevision?: number },
    reasonsOf: (text: SwitchRecord, book: SwitchBook) => Promise<readonly string[]>,
  ): Promise<Ordered> {
    const { actor, because, expectedRevision } = order;
    const text = JSON.stringify(value);
    let outcome: Ordered = { accepted: false, reasons: [] };
    await this.#change(name, async (record, book) => {
      outcome = { accepted: true, revision: record.revision };
      if (expectedRevision !== undefined && expectedRevision !== record.revision) {
        outcome = { accepted: false, reasons: [`It was turned meanwhile: revision ${record.revision} stands.`] };
        return unchanged(record);
      }
      if (hashOf(text) === hashOf(record.text)) return unchanged(record);
      const reasons = await reasonsOf({ ...record, text }, book);
      if (reasons.length > 0) {
        outcome = { accepted: false, reasons };
        return { ...unchanged(record), entries: [refusedEntry(name, record, { text, actor, reasons })] };
      }
      const turn = accept(record, { text, actor }, this.#now(book));
      outcome = { accepted: true, revision: turn.record.revision };
      return { ...turn, isAccepted: true, entries: [acceptedEntry(name, turn.record, record, because)] };
    });
    return outcome;
  }

  async #decide(
    name: string,
    { record, book }: { record: SwitchRecord; book: SwitchBook },
    { region, parameter }: { region: Region; parameter: Parameter },
  ): Promise<Change> {
    const { text } = parameter;
    const seen = seenIn(parameter);
    const actor = await this.#actor(name, region, parameter);
    const reasons = await this.#reasons(name, { ...record, text }, book, actor);
    if (reasons.length > 0) {
      const turn = refuse(record, { text, region, seen, reasons }, this.#parts.clock.nowMs());
      return { ...turn, entries: [refusedEntry(name, record, { text, actor, reasons })] };
    }
    const turn = accept(record, { text, actor, region, seen }, this.#now(book));
    return { ...turn, isAccepted: true, entries: [acceptedEntry(name, turn.record, record)] };
  }

  /** A unit may not have got where it was asked to: whoever asks once more is heard, and told in the unit's audit. */
  async #remind(name: string, { text }: SwitchRecord, region: Region, parameter: Parameter | undefined): Promise<void> {
    const { requestUnit } = this.#parts;
    const read = readValue(name, text);
    if (!name.startsWith('units/') || !read.ok || parameter === undefined) return;
    const actor = await this.#actor(name, region, parameter);
    await requestUnit(name.slice('units/'.length), read.value as UnitRequest, actor);
  }

  /** Why the text of this record must not be accepted. */
  async #reasons(
    name: string,
    { text, acceptedAt }: SwitchRecord,
    book: SwitchBook,
    actor: string,
  ): Promise<readonly string[]> {
    const { decisions, ill, requestUnit } = this.#parts;
    const read = readValue(name, text);
    if (!read.ok) return read.reasons;
    const circumstances = {
      accepted: valuesIn(book),
      units: await decisions.units(),
      standsSinceMs: Date.parse(acceptedAt),
      ill: (await ill?.()) ?? NOTHING_ILL,
    };
    const reasons = reasonsAgainst(name, read.value, circumstances);
    if (reasons.length > 0 || !name.startsWith('units/')) return reasons;
    const answer = await requestUnit(name.slice('units/'.length), read.value as UnitRequest, actor);
    return answer.accepted ? [] : [answer.reason];
  }

  /** Changes the record on condition that the book is still the one that the change was made from. */
  async #change(name: string, make: (record: SwitchRecord, book: SwitchBook) => Promise<Change>): Promise<void> {
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
      ...(untold.length > 0 ? [['the audit was not told', this.#tell(name, untold)] as [string, Promise<void>]] : []),
    ];
    const outcomes = await Promise.allSettled(steps.map(([, step]) => step));
    outcomes.forEach((outcome, index) => {
      if (outcome.status === 'fulfilled') return;
      this.#parts.log.warn(steps[index]?.[0] ?? '', { switch: name, error: outcome.reason as Error });
    });
  }

  async #put(name: string, { text }: SwitchRecord, region: Region, announcedAtMs: number): Promise<void> {
    const { clock, stores } = this.#parts;
    // Who slept since would put what may have been replaced, after everyone has ceased to expect it.
    if (clock.monotonicMs() - announcedAtMs > LEAVES_WITHIN_MS) return;
    const version = await stores[region].put(name, text);
    const put = { region, hash: hashOf(text), version };
    await this.#change(name, async (record) => {
      const turn = landed(record, put, clock.nowMs());
      return turn.hasOverwritten ? { ...turn, entries: [keeperEntry(name, record, region, 'overwritten')] } : turn;
    });
  }

  /** Appends entries to the audit, then forgets that they are owed to it. */
  async #tell(name: string, untold: readonly UntoldEntry[]): Promise<void> {
    for (const { entry, once } of untold) await this.#parts.audit.append(entry, once);
    const told = new Set(untold.map(({ once }) => once.name));
    await this.#change(name, async (record) => {
      const left = record.untold.filter(({ once }) => !told.has(once.name));
      return unchanged(left.length === record.untold.length ? record : { ...record, untold: left });
    });
  }

  async #actor(name: string, region: Region, { version }: Parameter): Promise<string> {
    const user = await this.#parts.stores[region].changedBy(name, version).catch(() => undefined);
    return user ?? `an operator in region ${region}`;
  }

  #now({ step }: SwitchBook) {
    return { ms: this.#parts.clock.nowMs(), step: step + 1 };
  }
}

function unchanged(record: SwitchRecord): Turn {
  return { record, puts: [] };
}

function recordIn(book: SwitchBook, name: string): SwitchRecord {
  const found = book.records[name];
  if (found !== undefined) return found;
  const definition = SWITCHES.find((one) => one.name === name);
  return seededRecord(definition?.defaultValue, book.step);
}

function valuesIn(book: SwitchBook): Record<string, unknown> {
  return Object.fromEntries(acceptedIn(book).map(({ name, value }) => [name, value]));
}
