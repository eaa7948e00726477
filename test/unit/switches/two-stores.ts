import type { Audit, AuditEntry, Decisions, SwitchBook, SwitchRecord, UnitDecision } from '../../../lambdas/arbiter';
import {
  type Circumstances,
  Keeper,
  NOTHING_ILL,
  type ParameterStore,
  type RequestUnit,
} from '../../../lambdas/switches';
import { REGIONS, type Region, SWITCHES } from '../../../topology';

/**
 * What becomes of a copy on its way: it lands, or it is lost; of one that lands, the answer may be lost. A `delayed` one is
 * given up by who sent it, and lands when somebody lets it arrive.
 */
export type Fate = 'lands' | 'lost' | 'unanswered' | 'delayed';

/** Waits until someone lets it go on; a scheduler decides in which order. */
export type Step = (label: string) => Promise<void>;

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Held {
  text: string;
  version: number;
  modifiedAtMs: number;
}

interface Put {
  readonly text: string;
  readonly by: 'operator' | 'machine';
  readonly description?: string;
}

/** A region's parameters, of which people and the machine change one. */
class ModelStore {
  held: Held | undefined = undefined;
  history: (Put & { readonly version: number })[] = [];
  /** Whether a put that names no description leaves the one that stood; AWS does not say. */
  keepsDescriptions = true;

  write(put: Put, atMs: number): number {
    const version = (this.held?.version ?? 0) + 1;
    this.held = { text: put.text, version, modifiedAtMs: atMs };
    const kept = this.keepsDescriptions ? this.history.at(-1)?.description : undefined;
    const description = put.description ?? kept;
    this.history.push({ ...put, version, ...(description !== undefined && { description }) });
    return version;
  }

  /** As if it had been made anew. */
  begin(text: string, atMs: number): void {
    this.held = undefined;
    this.history = [];
    this.write({ text, by: 'operator' }, atMs);
  }
}

/** A switch that nobody turns here. */
function untouched(name: string): Held {
  const defaultValue = SWITCHES.find((one) => one.name === name)?.defaultValue;
  return { text: JSON.stringify(defaultValue), version: 1, modifiedAtMs: 0 };
}

/** Two stores, one arbiter and a keeper in each region, with every trip between them in someone's hands. */
export class TwoStores {
  readonly stores: Readonly<Record<Region, ModelStore>> = { A: new ModelStore(), B: new ModelStore() };
  readonly keepers: Readonly<Record<Region, Keeper>>;
  readonly entries = new Map<string, AuditEntry>();
  book: SwitchBook = { step: 0, records: {} };
  published = 0;
  askedForHistory = 0;
  nowMs = 1_000_000;
  step: Step = async () => undefined;
  fates: Iterator<Fate> = [][Symbol.iterator]();
  isAuditAway = false;
  /** Copies that nobody waits for any more. */
  readonly delayed: { readonly region: Region; readonly put: Put }[] = [];
  requestUnit: RequestUnit = async () => ({ accepted: true });

  constructor(readonly name: string) {
    this.keepers = { A: this.#keeper(), B: this.#keeper() };
  }

  get record(): SwitchRecord {
    const record = this.book.records[this.name];
    if (record === undefined) throw new Error(`${this.name} was never seeded`);
    return record;
  }

  units: readonly UnitDecision[] = [];
  ill: Circumstances['ill'] = NOTHING_ILL;

  /** Someone changes the parameter; nobody has been told yet. */
  turn(region: Region, text: string): void {
    this.stores[region].write({ text, by: 'operator' }, this.nowMs);
  }

  /** A copy that was given up lands after all. @returns where */
  arrive(index: number): Region | undefined {
    const [copy] = this.delayed.splice(index, 1);
    if (copy !== undefined) this.stores[copy.region].write(copy.put, this.nowMs);
    return copy?.region;
  }

  /** Both stores are compared with what was accepted, long after everything that was under way. */
  async settle(): Promise<void> {
    this.nowMs += 60_000;
    this.fates = [][Symbol.iterator]();
    this.step = async () => undefined;
    for (const region of [...REGIONS, ...REGIONS]) await this.keepers[region].check(region);
  }

  #keeper(): Keeper {
    const decisions = {
      switchBook: async () => {
        await this.step('read the book');
        return this.book;
      },
      changeBook: async (from: SwitchBook, records: SwitchBook['records']) => {
        await this.step('change the book');
        if (this.book.step !== from.step) return false;
        this.book = JSON.parse(JSON.stringify({ step: from.step + 1, records })) as SwitchBook;
        return true;
      },
      units: async () => this.units,
      unit: async (name: string) => this.units.find(({ unit }) => unit === name),
    } as unknown as Decisions;
    const audit = {
      append: async (entry: AuditEntry, once: { atMs: number; name: string }) => {
        await this.step('append to the audit');
        if (this.isAuditAway) throw new Error('the audit is away');
        this.entries.set(`${once.atMs}#${once.name}`, entry);
      },
    } as unknown as Audit;
    return new Keeper({
      decisions,
      audit,
      stores: { A: this.#parameters('A'), B: this.#parameters('B') },
      requestUnit: (...request) => this.requestUnit(...request),
      ill: async () => this.ill,
      publish: async () => {
        this.published += 1;
      },
      clock: { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs },
      log: LOG,
    });
  }

  #parameters(region: Region): ParameterStore {
    return {
      read: async (names) => {
        await this.step(`read store ${region}`);
        const { held } = this.stores[region];
        const others = names.filter((name) => name !== this.name);
        return new Map([
          ...others.map((name) => [name, untouched(name)] as const),
          ...(held === undefined ? [] : [[this.name, { ...held }] as const]),
        ]);
      },
      put: async (name, text, description) => {
        if (name !== this.name) throw new Error(`nobody has turned ${name}`);
        await this.step(`put into store ${region}`);
        const { value: fate = 'lands' } = this.fates.next();
        if (fate === 'lost') throw new Error('lost on its way');
        const put = { text, by: 'machine', ...(description !== undefined && { description }) } as const;
        if (fate === 'delayed') {
          this.delayed.push({ region, put });
          throw new Error('given up');
        }
        const version = this.stores[region].write(put, this.nowMs);
        await this.step(`hear from store ${region}`);
        if (fate === 'unanswered') throw new Error('the answer was lost');
        return version;
      },
      history: async () => {
        this.askedForHistory += 1;
        await this.step(`read the history of store ${region}`);
        return this.stores[region].history.map(({ version, description = '' }) => ({ version, description }));
      },
      close: () => undefined,
    };
  }
}

/** Two stores in which a switch stands as it was deployed. */
export async function seeded(name: string, value: string): Promise<TwoStores> {
  const world = new TwoStores(name);
  for (const region of REGIONS) world.turn(region, value);
  await world.settle();
  return world;
}

export const texts = ({ stores }: TwoStores) => [stores.A.held?.text, stores.B.held?.text];
export const told = ({ entries }: TwoStores) => [...entries.values()];
