import { createHash } from 'node:crypto';
import { REGIONS, type Region } from '../../topology';
import type { Intent, Seen, StoreRecord, SwitchRecord } from '../arbiter';
import { isoTime } from '../core';

/** A parameter as a region's store holds it. */
export interface Parameter {
  readonly text: string;
  /** 1 where it was created, and one more with every change. */
  readonly version: number;
  /** Milliseconds since 1970, by the store. */
  readonly modifiedAtMs: number;
}

/** What a region's store was just read to hold; undefined where it has no such parameter. */
export interface Reading {
  readonly region: Region;
  readonly parameter: Parameter | undefined;
}

/**
 * What a reading means.
 *
 * - `known`: nothing that was not seen before, or nothing but the accepted value
 * - `change`: an order, or a late copy of a value that has been replaced meanwhile: the history of the store tells them apart
 * - `lost`: the store has lost the parameter, or has been made anew
 */
export type Meaning = 'known' | 'change' | 'lost';

/** The record with what was learned, and the regions whose stores are to be given the accepted value now. */
export interface Turn {
  readonly record: SwitchRecord;
  readonly puts: readonly Region[];
}

/** A put that was announced so long ago, and has not arrived, is put again. */
const ARRIVES_WITHIN_MS = 10_000;

/** Values are compared by what they mean: spaces and the order of fields do not matter. */
export function hashOf(text: string): string {
  return createHash('sha256').update(canonical(text)).digest('base64url');
}

function canonical(text: string): string {
  try {
    return `json ${JSON.stringify(JSON.parse(text), sorted)}`;
  } catch {
    return `text ${text}`;
  }
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function seenIn({ text, version, modifiedAtMs }: Parameter): Seen {
  return { version, hash: hashOf(text), modifiedAtMs };
}

/** What a reading of a store means, by the record as it stood before the store was read. */
export function look(
  record: SwitchRecord,
  { region, parameter }: Reading,
  nowMs: number,
): Turn & { readonly meaning: Meaning } {
  const store = record.stores[region];
  if (parameter === undefined) return { meaning: 'lost', ...putAgain(record, region, nowMs) };
  const seen = seenIn(parameter);
  const isNews = store.seen === undefined || !isSame(store.seen, seen);
  // A store may answer with what it held a moment ago.
  if (isNews && store.seen !== undefined && isOlder(seen, store.seen)) return { meaning: 'known', record, puts: [] };
  const noted = isNews ? withStore(record, region, { ...store, seen }) : record;
  if (seen.hash === hashOf(record.text)) return { meaning: 'known', ...settled(noted, region) };
  if (!isNews) return { meaning: 'known', ...putAgain(noted, region, nowMs) };
  // What a parameter is created with is nobody's order: it is how stores begin.
  if (seen.version === 1) return { meaning: 'lost', ...putAgain(noted, region, nowMs) };
  return { meaning: 'change', record, puts: [] };
}

/** The change was a copy of the machine's own, which arrived after its value had been replaced. */
export function arrivedLate(record: SwitchRecord, region: Region, seen: Seen, nowMs: number): Turn {
  return putAgain(withStore(record, region, { ...record.stores[region], seen }), region, nowMs);
}

/**
 * Whether the accepted value has been put once more, by nobody who is known to be doing so: no order, but of what is asked
 * for by a switch a reminder, unless the history of the store says that it was the machine.
 */
export function isReminder({ text, stores }: SwitchRecord, { region, parameter }: Reading): boolean {
  const { seen, intent } = stores[region];
  if (parameter === undefined || seen === undefined || parameter.version <= seen.version) return false;
  const hash = hashOf(text);
  return seen.hash === hash && hashOf(parameter.text) === hash && intent === undefined;
}

/**
 * What follows where a store has answered a put of this value with the version that it made. `hasOverwritten`: a version
 * before it was never seen.
 */
export function landed(
  record: SwitchRecord,
  put: { readonly region: Region; readonly hash: string; readonly version: number },
  nowMs: number,
): Turn & { readonly hasOverwritten: boolean } {
  const { region, hash, version } = put;
  const store = record.stores[region];
  const last = store.seen?.version;
  if (last !== undefined && last >= version) {
    // Nobody waits any more for a put that something else has come over.
    const ended = hash === hashOf(record.text) ? withStore(record, region, withoutIntent(store)) : record;
    return { record: ended, puts: [], hasOverwritten: false };
  }
  const noted = withStore(record, region, { ...store, seen: { version, hash, modifiedAtMs: nowMs } });
  const turn = hash === hashOf(record.text) ? settled(noted, region) : putAgain(noted, region, nowMs);
  return { ...turn, hasOverwritten: last !== undefined && last + 1 < version };
}

/** The order as the next revision: the other stores, or both where no store holds it yet, are to be given it. */
export function accept(
  record: SwitchRecord,
  order: { readonly text: string; readonly actor: string; readonly region?: Region; readonly seen?: Seen },
  now: { readonly ms: number; readonly step: number },
): Turn {
  const { text, actor, region: origin, seen } = order;
  const puts = REGIONS.filter((region) => region !== origin);
  const revision = record.revision + 1;
  const announced: Intent = { revision, announcedAtMs: now.ms };
  const stores = Object.fromEntries(
    REGIONS.map((region) => {
      const store = withoutIntent(record.stores[region]);
      return [region, region === origin ? { ...store, ...(seen && { seen }) } : { ...store, intent: announced }];
    }),
  ) as SwitchRecord['stores'];
  const accepted = { revision, text, actor, acceptedAt: isoTime(now.ms), acceptedInStep: now.step };
  return { record: { ...record, ...accepted, stores }, puts };
}

/** The accepted value is put back into the store that was turned to something else. */
export function refuse(
  record: SwitchRecord,
  order: { readonly text: string; readonly region: Region; readonly seen: Seen; readonly reasons: readonly string[] },
  nowMs: number,
): Turn {
  const { text, region, seen, reasons } = order;
  const refused = { text: text.slice(0, KEPT_LENGTH), region, at: isoTime(nowMs), reasons };
  const noted = withStore({ ...record, refused }, region, { ...record.stores[region], seen });
  return announce(noted, region, nowMs);
}

/** Of a refused value; the whole of it stands in the history of the parameter. */
const KEPT_LENGTH = 500;

/** Has the accepted value put into a store, unless someone has just announced that he does it, whose clock may be another. */
function putAgain(record: SwitchRecord, region: Region, nowMs: number): Turn {
  const { intent } = record.stores[region];
  const isBegun = intent !== undefined && Math.abs(nowMs - intent.announcedAtMs) < ARRIVES_WITHIN_MS;
  return isBegun ? { record, puts: [] } : announce(record, region, nowMs);
}

function announce(record: SwitchRecord, region: Region, nowMs: number): Turn {
  const intent = { revision: record.revision, announcedAtMs: nowMs };
  return { record: withStore(record, region, { ...record.stores[region], intent }), puts: [region] };
}

/** The accepted value has been seen: nothing is to be put, though copies of it may still be under way. */
function settled(record: SwitchRecord, region: Region): Turn {
  const store = record.stores[region];
  if (store.intent === undefined) return { record, puts: [] };
  return { record: withStore(record, region, withoutIntent(store)), puts: [] };
}

function withoutIntent({ intent: _, ...rest }: StoreRecord): StoreRecord {
  return rest;
}

function isSame(one: Seen, other: Seen): boolean {
  return one.version === other.version && one.hash === other.hash;
}

function isOlder(one: Seen, other: Seen): boolean {
  return one.version < other.version && one.modifiedAtMs <= other.modifiedAtMs;
}

function withStore(record: SwitchRecord, region: Region, store: StoreRecord): SwitchRecord {
  return { ...record, stores: { ...record.stores, [region]: store } };
}
