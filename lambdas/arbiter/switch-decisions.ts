import { type Region, SWITCHES } from '../../topology';
import { isoTime } from '../core';
import type { AuditEntry } from './audit';
import { type Item, number, readNumber, readText, text } from './item';
import type { ItemUpdate } from './requests';
import type { ItemTable } from './table';

/** The value of a switch that was accepted last; revisions begin at 1 and rise with every accepted value. */
export interface AcceptedSwitch {
  readonly name: string;
  readonly value: unknown;
  readonly revision: number;
  /** Who turned it last, as the audit names him. */
  readonly actor: string;
}

/** What a region's store was last seen to hold: a version of the parameter, and the hash of its value. */
export interface Seen {
  readonly version: number;
  readonly hash: string;
  /** Milliseconds since 1970, by the store. */
  readonly modifiedAtMs: number;
}

/** The accepted value is to stand in a region's store, and has not been seen there. */
export interface Intent {
  readonly revision: number;
  /** When someone last said that he would put it. */
  readonly announcedAtMs: number;
}

export interface StoreRecord {
  readonly seen?: Seen;
  readonly intent?: Intent;
}

/** A value that was turned to and not accepted. */
export interface Refusal {
  readonly text: string;
  readonly region: Region;
  readonly at: string;
  readonly reasons: readonly string[];
}

/** An entry that may not stand in the audit yet, as it is appended: once, under its own name. */
export interface UntoldEntry {
  readonly once: { readonly atMs: number; readonly name: string };
  readonly entry: AuditEntry;
}

/** Everything that is decided and known of one switch. */
export interface SwitchRecord {
  readonly revision: number;
  /** The accepted value, as it was given: JSON. */
  readonly text: string;
  readonly acceptedAt: string;
  readonly actor: string;
  /** Step of the book with which it was accepted; a snapshot of this step or a later one has it. */
  readonly acceptedInStep: number;
  /** The last one. */
  readonly refused?: Refusal;
  readonly stores: Readonly<Record<Region, StoreRecord>>;
  readonly untold: readonly UntoldEntry[];
}

/** All switches, decided together, because what one may be turned to can depend on the others. */
export interface SwitchBook {
  /** Rises with every change. */
  readonly step: number;
  /** By name; a switch that was never seeded is missing. */
  readonly records: Readonly<Record<string, SwitchRecord>>;
}

/** What is decided of switches. All reads are strongly consistent; every call throws Problem UNAVAILABLE. */
export interface SwitchDecisions {
  /** Of all switches of the topology that have an accepted value. */
  acceptedSwitches(): Promise<AcceptedSwitch[]>;
  acceptedSwitch(name: string): Promise<AcceptedSwitch | undefined>;
  /** Accepts the value as revision 1 if the switch has none yet. */
  seedSwitch(name: string, value: unknown): Promise<void>;
  switchBook(): Promise<SwitchBook>;
  /** Takes the book one step further, on condition that it is still as it was read. False if it is not. */
  changeBook(from: SwitchBook, records: SwitchBook['records']): Promise<boolean>;
}

const BOOK_KEY: Item = { key: text('switches') };
const EMPTY: SwitchBook = { step: 0, records: {} };

export function bookUpdate(from: SwitchBook, written: string): ItemUpdate {
  return {
    update: 'SET #records = :records, #step = :next',
    condition: from.step === 0 ? 'attribute_not_exists(#key)' : '#step = :step',
    values: {
      ':records': text(written),
      ':next': number(from.step + 1),
      ...(from.step === 0 ? {} : { ':step': number(from.step) }),
    },
  };
}

function bookOf(item: Item): SwitchBook {
  return {
    step: readNumber(item, 'step'),
    records: JSON.parse(readText(item, 'records')) as SwitchBook['records'],
  };
}

/** A value that nobody turned to: revision 1, which the stores need not have been told. */
export function seededRecord(value: unknown, step: number): SwitchRecord {
  const stores = { A: {}, B: {} };
  const actor = 'the deployment';
  const acceptedAt = isoTime(0);
  return { revision: 1, text: JSON.stringify(value), acceptedAt, actor, acceptedInStep: step, stores, untold: [] };
}

/** The accepted values of a book, in the order of the topology. */
export function acceptedIn({ records }: SwitchBook): AcceptedSwitch[] {
  return SWITCHES.flatMap(({ name }) => {
    const record = records[name];
    if (record === undefined) return [];
    const { text: accepted, revision, actor } = record;
    return [{ name, value: JSON.parse(accepted) as unknown, revision, actor }];
  });
}

export function createSwitchDecisions(table: ItemTable): SwitchDecisions {
  async function switchBook(): Promise<SwitchBook> {
    const item = await table.get(BOOK_KEY, true);
    return item === undefined ? EMPTY : bookOf(item);
  }

  async function changeBook(from: SwitchBook, records: SwitchBook['records']): Promise<boolean> {
    const written = JSON.stringify(records);
    const outcome = await table.update(BOOK_KEY, bookUpdate(from, written));
    if (outcome.applied) return true;
    // An earlier attempt may have gone through, and only its answer was lost.
    const { present } = outcome;
    return present?.records?.S === written && readNumber(present, 'step') === from.step + 1;
  }

  return {
    switchBook,
    changeBook,

    async acceptedSwitches() {
      return acceptedIn(await switchBook());
    },

    async acceptedSwitch(name) {
      return acceptedIn(await switchBook()).find((one) => one.name === name);
    },

    async seedSwitch(name, value) {
      for (;;) {
        const book = await switchBook();
        if (book.records[name] !== undefined) return;
        const seeded = { ...book.records, [name]: seededRecord(value, book.step + 1) };
        if (await changeBook(book, seeded)) return;
      }
    },
  };
}
