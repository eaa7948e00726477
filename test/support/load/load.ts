import { setTimeout as pause } from 'node:timers/promises';
import { rangeOf } from '../../../lambdas/shards';
import { Random } from '../../../scripts/members/random';
import { REGIONS, type Region } from '../../../topology';
import { unique, uniquePhone } from '../../region/support/client';
import { type Account, type Call, type Client, History, type Outcome, Session } from '../history';
import type { CallName, Need } from './needs';
import { Observed } from './observed';

const WORKERS_PER_REGION = 6;
const MEMBERS_PER_REGION = 5;
/** Fewer than members, so that they are contended. */
const ACCOUNTS = 6;
const DEFAULT_PAUSE_MS = 120;
/**
 * The search for an order of calls doubles with each whose outcome nobody knows: an account of so many is left alone,
 * and another takes its place.
 */
const UNKNOWN_OF_AN_ACCOUNT = 8;
/** A registration is repeated under its key so often, with the answer that a caller may have missed. */
const REPEATS = 2;

/** A caller that remembers what it has seen reads half of the time as one that does not. */
const FORGETFUL_PERCENT = 50;

export interface LoadOptions {
  /** How often each call is made, beside the others; those that are not named as always. */
  readonly weights?: Partial<Readonly<Record<CallName, number>>>;
  /** How long a worker waits between two calls, on average. */
  readonly pauseMs?: number;
  /** Sees every exchange. */
  readonly watch?: (client: Client) => Client;
}

interface Member {
  readonly id: string;
  readonly unit: string;
}

/** A steady mixed load on members and accounts of its own, in both regions, of which everything is recorded. */
export class Load {
  readonly history = new History();
  readonly observed = new Observed();
  readonly #seed: number;
  readonly #signal: AbortSignal;
  readonly #members: Member[] = [];
  readonly #accounts: Account[];
  readonly #retired: Account[] = [];
  readonly #unknown = new Map<string, number>();
  readonly #phone = uniquePhone();
  readonly #weights: Readonly<Record<CallName, number>>;
  readonly #watch: (client: Client) => Client;
  readonly #pauseMs: number;
  #workers: Promise<void>[] = [];
  #stopping = false;

  /** @param signal ends the load where nobody does */
  constructor(
    seed: number,
    signal: AbortSignal,
    { weights = {}, pauseMs = DEFAULT_PAUSE_MS, watch = (client) => client }: LoadOptions = {},
  ) {
    this.#seed = seed;
    this.#signal = signal;
    this.#weights = { ...WEIGHTS, ...weights };
    this.#watch = watch;
    this.#pauseMs = pauseMs;
    this.#accounts = Array.from({ length: ACCOUNTS }, newAccount);
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  get accounts(): readonly Account[] {
    return [...this.#retired, ...this.#accounts];
  }

  /** Registers the members that the load is about, while everything runs. */
  async prepare(): Promise<void> {
    const client = this.observed.client('founder');
    for (const region of REGIONS) {
      for (let index = 0; index < MEMBERS_PER_REGION; index += 1) {
        const profile = { name: `Member ${index}`, ...(index === 0 ? { phone: this.#phone } : {}) };
        const outcome = await this.history.run({ region, call: { kind: 'register', profile, accounts: [] } }, client);
        const id = outcome.kind === 'ok' ? outcome.document?.memberId : undefined;
        if (id === undefined) throw new Error(`registering answered ${JSON.stringify(outcome)}`);
        this.#members.push({ id, unit: rangeOf(id).unit });
      }
    }
  }

  start(): void {
    this.#stopping = false;
    this.#workers = REGIONS.flatMap((region) =>
      Array.from({ length: WORKERS_PER_REGION }, (_, index) => this.#work(region, index)),
    );
  }

  /** Resolves when every call that is under way has been answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#workers);
  }

  async #work(region: Region, index: number): Promise<void> {
    const random = new Random(this.#seed * 64 + REGIONS.indexOf(region) * WORKERS_PER_REGION + index);
    const client = this.#client(`${region}${index}`);
    const session = new Session(this.history, client);
    while (!this.#stopping && !this.#signal.aborted) {
      await this.#once(region, random, session, client);
      await pause(random.between(0, 2 * this.#pauseMs));
    }
  }

  #client(name: string): Client {
    return this.#watch(this.observed.client(name));
  }

  async #once(region: Region, random: Random, session: Session, client: Client): Promise<void> {
    const member = random.pick(this.#members);
    const { name, call: chosen } = this.#choose(random, member);
    const need: Need = { call: name, region, ...(UNIT_CALLS.has(name) ? { unit: member.unit } : {}) };
    const startedMs = performance.now();
    if (chosen === undefined) {
      this.observed.note({ call: 'phone', region }, await this.#phoneLookup(region), startedMs);
      return;
    }
    if (name === 'get' && random.chance(FORGETFUL_PERCENT)) {
      this.observed.note(need, await this.history.run({ region, call: chosen }, client), startedMs);
      return;
    }
    const times = name === 'register-keyed' ? REPEATS : 1;
    for (let time = 0; time < times; time += 1) {
      const outcome = await session.run({ region, call: chosen });
      this.observed.note(need, outcome, startedMs);
      if (outcome.kind === 'unknown') this.#countUnknown(chosen);
      const newcomer = time + 1 === times && outcome.kind === 'ok' ? outcome.document?.memberId : undefined;
      // Newcomers may hold accounts of the load, which nobody would ever unbind from them.
      if (chosen.kind === 'register' && newcomer !== undefined) {
        await session.run({ region, call: { kind: 'close', member: newcomer } });
      }
    }
  }

  #countUnknown(call: Call): void {
    for (const { account } of accountsOf(call)) {
      const times = (this.#unknown.get(account) ?? 0) + 1;
      this.#unknown.set(account, times);
      const place = this.#accounts.findIndex((one) => one.account === account);
      if (times < UNKNOWN_OF_AN_ACCOUNT || place === -1) continue;
      this.#retired.push(...this.#accounts.splice(place, 1, newAccount()));
    }
  }

  #choose(random: Random, { id: member }: Member): { name: CallName; call?: Call } {
    const name = random.pickByWeight(WEIGHTED, (one) => this.#weights[one]);
    const account = random.pick(this.#accounts);
    switch (name) {
      case 'get':
        return { name, call: { kind: 'get', member } };
      case 'batch':
        return { name, call: { kind: 'batch', members: [member, random.pick(this.#members).id] } };
      case 'find':
        return { name, call: { kind: 'find', ...account } };
      case 'phone':
        return { name };
      case 'patch': {
        const acknowledge = random.pick(['one', 'one', 'both'] as const);
        return { name, call: { kind: 'patch', member, patch: { city: unique('city') }, acknowledge } };
      }
      case 'bind':
        return { name, call: { kind: 'bind', member, ...account } };
      case 'unbind':
        return { name, call: { kind: 'unbind', member, ...account } };
      case 'register':
        return { name, call: { kind: 'register', profile: { name: 'Newcomer' }, accounts: [] } };
      case 'register-keyed': {
        const accounts = random.chance(50) ? [{ platform: 'card', account: unique('card') }] : [account];
        return {
          name,
          call: { kind: 'register', profile: { name: 'Keyed' }, accounts, idempotencyKey: unique('key') },
        };
      }
    }
  }

  /** No call of the history: what a search domain knows is a moment behind. */
  async #phoneLookup(region: Region): Promise<Outcome> {
    const client = this.#client('look-ups');
    const exchange = { method: 'GET', path: `/members?phone=${encodeURIComponent(this.#phone)}`, headers: {} };
    try {
      const reply = await client.send(exchange, { region, call: { kind: 'batch', members: [] } });
      if (reply.status === 200) return { kind: 'ok', status: 200 };
      return { kind: 'refused', status: reply.status, code: String(JSON.parse(reply.text).code) };
    } catch (error) {
      return { kind: 'unknown', reason: String(error) };
    }
  }
}

function newAccount(): Account {
  return { platform: 'app', account: unique('kill') };
}

function accountsOf(call: Call): readonly Account[] {
  if (call.kind === 'register') return call.accounts;
  return call.kind === 'bind' || call.kind === 'unbind' ? [call] : [];
}

const UNIT_CALLS = new Set<CallName>(['get', 'patch', 'bind', 'unbind']);

const WEIGHTS: Readonly<Record<CallName, number>> = {
  get: 20,
  batch: 8,
  find: 12,
  phone: 6,
  patch: 18,
  bind: 14,
  unbind: 10,
  register: 6,
  'register-keyed': 8,
};
const WEIGHTED = Object.keys(WEIGHTS) as CallName[];
