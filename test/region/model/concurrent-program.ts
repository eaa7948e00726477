import fc from 'fast-check';
import type { Region } from '../../../topology';
import type { Call } from '../../support/history';
import { unique } from '../support/client';

/** What the clients of one run do, each one call after another; members and accounts are named by numbers. */
export interface Program {
  readonly members: number;
  readonly clients: readonly (readonly Step[])[];
}

export interface Step {
  readonly region: Region;
  readonly trafficClass: 'order' | 'other';
  readonly kind: Call['kind'];
  readonly member: number;
  readonly account: number;
  readonly value: number;
  /** Whether a write asks for the version that its client saw last, or a look-up shows a token. */
  readonly conditional: boolean;
  readonly acknowledge: 'one' | 'both' | undefined;
}

const CLIENTS = 8;
const STEPS = 24;
const ACCOUNTS = 3;
const KEYS = 3;

const kind = fc.constantFrom<Call['kind']>(
  ...(['patch', 'patch', 'bind', 'bind', 'bind', 'unbind', 'unbind', 'register'] as const),
  ...(['get', 'get', 'find', 'find', 'find', 'batch'] as const),
);

const step: fc.Arbitrary<Step> = fc.record({
  region: fc.constantFrom<Region>('A', 'B'),
  trafficClass: fc.constantFrom('order', 'order', 'other'),
  kind: fc.oneof({ weight: 60, arbitrary: kind }, { weight: 1, arbitrary: fc.constant('close' as const) }),
  member: fc.nat(3),
  account: fc.nat(ACCOUNTS - 1),
  value: fc.nat(5),
  conditional: fc.nat(3).map((n) => n === 0),
  acknowledge: fc.constantFrom(undefined, undefined, 'one', 'both'),
});

export const program: fc.Arbitrary<Program> = fc.record({
  members: fc.integer({ min: 2, max: 4 }),
  clients: fc.array(fc.array(step, { minLength: STEPS, maxLength: STEPS }), { minLength: CLIENTS, maxLength: CLIENTS }),
});

/** What the numbers of one run stand for. */
export class ProgramNames {
  readonly members: string[] = [];
  readonly #run = unique('concurrent');
  readonly #keys = new Map<number, Call>();

  account(number: number): { platform: string; account: string } {
    return { platform: number === 0 ? 'web' : 'app', account: `${this.#run}-${number}` };
  }

  /** One key always stands for one request, or it would be refused as another's. */
  registration(number: number, accounts: readonly number[]): Call {
    const key = number % KEYS;
    const known = this.#keys.get(key);
    const call: Call = known ?? {
      kind: 'register',
      profile: { name: `${this.#run} ${key}` },
      // One key is without: nothing but the key itself keeps its member from being registered twice.
      accounts: key === 0 ? [] : accounts.map((one) => this.account(one)),
      idempotencyKey: `${this.#run}-${key}`,
    };
    this.#keys.set(key, call);
    return call;
  }

  member(number: number): string {
    return this.members[number % this.members.length] ?? '0';
  }
}

/** @param seen the version that the client saw last of a member */
export function callOf(step: Step, names: ProgramNames, seen: (member: string) => string | undefined): Call {
  const member = names.member(step.member);
  const account = names.account(step.account);
  const version = step.conditional ? seen(member) : undefined;
  const asking = {
    ...(version === undefined ? {} : { ifMatch: version }),
    ...(step.acknowledge === undefined ? {} : { acknowledge: step.acknowledge }),
  };
  switch (step.kind) {
    case 'register':
      return names.registration(step.value, [step.account]);
    case 'patch':
      return { kind: 'patch', member, patch: { city: `city ${step.value}` }, ...asking };
    case 'bind':
    case 'unbind':
      return { kind: step.kind, member, ...account, ...asking };
    case 'close':
      // Two members stay: what is closed can be used no more.
      return { kind: 'close', member: names.member(step.member + 2), ...asking };
    case 'get':
      return { kind: 'get', member };
    case 'find':
      return { kind: 'find', ...account, ...(step.conditional ? { minVersion: '1' } : {}) };
    case 'batch':
      return { kind: 'batch', members: [...names.members] };
  }
}
