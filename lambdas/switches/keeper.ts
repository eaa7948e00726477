import { type Region, SWITCHES } from '../../topology';
import { acceptedIn, type SwitchBook, type SwitchRecord, type UnitDecision } from '../arbiter';
import { unavailable } from '../core';
import { accept, arrivedLate, hashOf, isReminder, look, type Parameter, refuse, seenIn } from './acceptance';
import { Book, type BookParts, type Change, recordIn, unchanged } from './book';
import { readValue, type UnitRequest } from './catalogue';
import { acceptedEntry, keeperEntry, refusedEntry } from './entries';
import { hasOrdersBetween, makerOf } from './marks';
import { type Circumstances, NOTHING_ILL, reasonsAgainst } from './safety';

/** Has a unit moved, or says why not. Asking again for what is under way already is accepted. */
export type RequestUnit = (
  unit: string,
  request: UnitRequest,
  actor: string,
) => Promise<{ readonly accepted: true } | { readonly accepted: false; readonly reason: string }>;

export interface KeeperParts extends BookParts {
  readonly requestUnit: RequestUnit;
  readonly ill?: () => Promise<Circumstances['ill']>;
}

/** What became of an order. */
export type Ordered =
  | { readonly accepted: true; readonly revision: number }
  | { readonly accepted: false; readonly reasons: readonly string[] };

interface Order {
  readonly actor: string;
  readonly because: string;
  readonly expectedRevision?: number;
  readonly onlyIf?: { readonly name: string; readonly value: string };
}

interface Decided {
  readonly record: SwitchRecord;
  readonly book: SwitchBook;
}

interface Found {
  readonly region: Region;
  readonly parameter: Parameter;
}

/** Keeps the switches: takes what operators and the machine turn them to, and has every store hold what was accepted. */
export class Keeper {
  readonly #parts: KeeperParts;
  readonly #book: Book;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#book = new Book(parts);
  }

  /**
   * Looks at a switch in the store of a region, because it may have been turned there.
   *
   * @throws Problem UNAVAILABLE without the arbiter, or the client's error where the store does not answer
   */
  async look(name: string, region: Region): Promise<void> {
    await this.#book.change(name, async (record, book) => {
      const parameter = (await this.#parts.stores[region].read([name])).get(name);
      const turn = look(record, { region, parameter }, this.#parts.clock.nowMs());
      if (turn.meaning === 'change' && parameter !== undefined) {
        return this.#changed(name, { record, book }, { region, parameter });
      }
      if (isReminder(record, { region, parameter })) await this.#remind(name, record, region, parameter);
      const isTold = turn.puts.length > 0 && turn.meaning === 'lost';
      return isTold ? { ...turn, entries: [keeperEntry(name, record, region, 'lost')] } : turn;
    });
  }

  /**
   * Turns a switch as an operator would, by the same rules, in both regions at once.
   *
   * @param order `because` is a whole sentence for the audit; with `expectedRevision` it is refused if someone has turned
   * the switch since; with `onlyIf` unless another switch stands so at the very step of the book
   * @throws Problem UNAVAILABLE without the arbiter
   */
  async order(name: string, value: unknown, order: Order): Promise<Ordered> {
    return this.#turn(name, value, order, (record, book) => this.#reasons(name, record, book, order.actor));
  }

  /**
   * Records where a unit stands now that has got somewhere: the truth of the unit, which nobody can refuse. Whoever tells so may
   * have slept since, and the unit may be on its way again.
   */
  async reached(unit: string, order: { readonly actor: string; readonly because: string }): Promise<void> {
    const { decisions } = this.#parts;
    const book = await decisions.switchBook();
    const decision = await decisions.unit(unit);
    if (decision !== undefined) await this.#follow(book, decision, order);
  }

  /**
   * Records where units stand that have got there while nobody could record it: whoever moved them has died, or nothing
   * answered. Else nobody could send them back, because asking for what a switch says already is no order.
   */
  async followUnits(): Promise<void> {
    const { decisions } = this.#parts;
    const book = await decisions.switchBook();
    for (const decision of await decisions.units()) {
      await this.#follow(book, decision, { actor: 'failover', because: `Unit ${decision.unit} stands there.` });
    }
  }

  /** @param book as it was before the decision was read: whoever is asked for since is in transition by now, or has a later revision */
  async #follow(
    book: SwitchBook,
    { unit, writer, mode, transition }: UnitDecision,
    order: { readonly actor: string; readonly because: string },
  ): Promise<void> {
    const { text, revision } = recordIn(book, `units/${unit}`);
    const stands = { writer, mode };
    if (transition !== undefined || hashOf(text) === hashOf(JSON.stringify(stands))) return;
    await this.#turn(`units/${unit}`, stands, { ...order, expectedRevision: revision }, async () => []);
  }

  /** Compares the store of a region with what was accepted: turns that nobody was told of, and losses. */
  async check(region: Region): Promise<void> {
    const { decisions, stores, clock } = this.#parts;
    const book = await decisions.switchBook();
    const parameters = await stores[region].read(SWITCHES.map(({ name }) => name));
    for (const { name } of SWITCHES) {
      const record = recordIn(book, name);
      const turn = look(record, { region, parameter: parameters.get(name) }, clock.nowMs());
      if (turn.meaning === 'change' || turn.record !== record) await this.look(name, region);
      if (record.untold.length > 0) await this.#book.tell(name, record.untold);
    }
  }

  async #turn(
    name: string,
    value: unknown,
    order: Order,
    reasonsOf: (text: SwitchRecord, book: SwitchBook) => Promise<readonly string[]>,
  ): Promise<Ordered> {
    const { actor, because, expectedRevision, onlyIf } = order;
    const text = JSON.stringify(value);
    let outcome: Ordered = { accepted: false, reasons: [] };
    await this.#book.change(name, async (record, book) => {
      outcome = { accepted: true, revision: record.revision };
      if (expectedRevision !== undefined && expectedRevision !== record.revision) {
        outcome = { accepted: false, reasons: [`It was turned meanwhile: revision ${record.revision} stands.`] };
        return unchanged(record);
      }
      if (hashOf(text) === hashOf(record.text)) return unchanged(record);
      if (onlyIf !== undefined && hashOf(recordIn(book, onlyIf.name).text) !== hashOf(JSON.stringify(onlyIf.value))) {
        outcome = { accepted: false, reasons: [`${onlyIf.name} is not ${onlyIf.value} any more.`] };
        return unchanged(record);
      }
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

  async #changed(name: string, decided: Decided, { region, parameter }: Found): Promise<Change> {
    const { record } = decided;
    const seen = seenIn(parameter);
    const { versions, maker } = await this.#made(name, region, parameter);
    if (maker.kind === 'operator') {
      return this.#decide(name, decided, { region, parameter, actor: maker.user ?? `an operator in region ${region}` });
    }
    const entries = [keeperEntry(name, record, region, 'late')];
    const before = record.stores[region].seen?.version ?? seen.version;
    if (hasOrdersBetween(versions, before, seen.version)) {
      entries.push(keeperEntry(name, record, region, 'overwritten'));
    }
    return { ...arrivedLate(record, region, seen, this.#parts.clock.nowMs()), entries };
  }

  async #decide(
    name: string,
    { record, book }: Decided,
    { region, parameter, actor }: Found & { readonly actor: string },
  ): Promise<Change> {
    const { text } = parameter;
    const seen = seenIn(parameter);
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
    const { maker } = await this.#made(name, region, parameter);
    if (maker.kind === 'machine') return;
    const actor = maker.user ?? `an operator in region ${region}`;
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

  /**
   * Who made the version that was read. Asked only where it may be an order.
   *
   * @throws Problem UNAVAILABLE if the store does not tell yet: whoever takes a copy for an order turns a switch back
   */
  async #made(name: string, region: Region, { version }: Parameter) {
    const versions = await this.#parts.stores[region].history(name);
    const maker = makerOf(versions, version);
    if (maker === undefined) throw unavailable(`the store of region ${region} does not tell who has turned ${name}`);
    return { versions, maker };
  }

  #now({ step }: SwitchBook) {
    return { ms: this.#parts.clock.nowMs(), step: step + 1 };
  }
}

function valuesIn(book: SwitchBook): Record<string, unknown> {
  return Object.fromEntries(acceptedIn(book).map(({ name, value }) => [name, value]));
}
