import fc from 'fast-check';
import type { Profile } from '../../../lambdas/core';
import type { Region, TrafficClass } from '../../../topology';

/**
 * Calls before it is known which members there are: members, accounts and keys are named by numbers, so that a shrunk
 * run still makes sense.
 */
export type Asked = { readonly region: Region; readonly trafficClass: TrafficClass } & AskedCall;

export interface Spelled {
  readonly account: number;
  /** One of several spellings of it. */
  readonly spelling: number;
}

type Matching = 'none' | 'current' | 'stale' | 'ahead';

interface Writing {
  readonly ifMatch: Matching;
  readonly acknowledge: 'one' | 'both' | 'require-both' | undefined;
}

interface Reading {
  readonly minVersion: Matching;
  readonly ifNoneMatch: Matching;
}

export type AskedCall =
  | {
      readonly kind: 'register';
      readonly profile: Profile;
      readonly accounts: readonly Spelled[];
      readonly key: number | undefined;
    }
  /** The request that was sent last under a key, once more. */
  | { readonly kind: 'replay'; readonly key: number }
  | ({ readonly kind: 'patch'; readonly member: number; readonly patch: object } & Writing)
  | ({ readonly kind: 'bind' | 'unbind'; readonly member: number } & Spelled & Writing)
  | ({ readonly kind: 'close'; readonly member: number } & Writing)
  | ({ readonly kind: 'get'; readonly member: number } & Reading)
  | ({ readonly kind: 'find' } & Spelled & Reading)
  | { readonly kind: 'batch'; readonly members: readonly number[] }
  | { readonly kind: 'malformed'; readonly which: number; readonly member: number };

/** Numbers of members that stand for ids that nobody has. */
export const NOBODY = 99;

const MEMBERS = 5;
const KEYS = 3;
export const ACCOUNTS = 6;
export const PHONES = 4;

const member = fc.oneof({ weight: 20, arbitrary: fc.nat(MEMBERS) }, { weight: 1, arbitrary: fc.constant(NOBODY) });
const spelled = { account: fc.nat(ACCOUNTS - 1), spelling: fc.nat(2) };
const matching = fc.constantFrom<Matching>('none', 'none', 'none', 'current', 'current', 'stale', 'ahead');
const writing = {
  ifMatch: matching,
  acknowledge: fc.constantFrom<Writing['acknowledge']>(undefined, undefined, undefined, 'one', 'both', 'require-both'),
};
const reading = { minVersion: matching, ifNoneMatch: matching };

/** `<n>` in a phone or an e-mail address stands for what is unique to the run. */
const fields = {
  phone: fc.nat(PHONES - 1).map((n) => `phone ${n}`),
  email: fc.constantFrom('Ada@Example.org', 'ada@example.org'),
  city: fc.constantFrom('Bonn', 'Roma', 'Z\u00fcrich', '\u6771\u4eac'),
  tier: fc.constantFrom('basic', 'silver', 'gold', 'platinum'),
  tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'vip'), { maxLength: 3 }),
  birthDate: fc.constantFrom('1985-12-10', '2000-02-29'),
  locale: fc.constantFrom('pt-BR', 'de'),
  marketingConsent: fc.boolean(),
};
const name = fc.constantFrom('Ada', 'Grace', '\u738b\u5c0f\u660e', 'quote " and \\ {"platform":"app"');
const profile = fc.record({ name, ...fields }, { requiredKeys: ['name'] }) as fc.Arbitrary<Profile>;
const removable = Object.fromEntries(
  Object.entries(fields).map(([field, values]) => [
    field,
    fc.oneof<fc.Arbitrary<unknown>[]>(values, values, fc.constant(null)),
  ]),
);
const patch = fc.record({ name, ...removable }, { requiredKeys: [] });

const register = fc.record({
  kind: fc.constant('register' as const),
  profile,
  accounts: fc.uniqueArray(fc.record(spelled), { maxLength: 3, selector: ({ account }) => account }),
  key: fc.option(fc.nat(KEYS - 1), { nil: undefined }),
});

const askedCall: fc.Arbitrary<AskedCall> = fc.oneof(
  { weight: 5, arbitrary: register },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replay' as const), key: fc.nat(KEYS - 1) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('patch' as const), member, patch, ...writing }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('bind' as const), member, ...spelled, ...writing }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('unbind' as const), member, ...spelled, ...writing }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), member, ...writing }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('get' as const), member, ...reading }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('find' as const), ...spelled, ...reading }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('batch' as const), members: fc.array(member, { maxLength: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('malformed' as const), which: fc.nat(100), member }) },
);

const anyRegion = fc.constantFrom<Region>('A', 'B');
const anyClass = fc.constantFrom<TrafficClass>('order', 'order', 'order', 'other', 'other', 'marketing');

export const asked: fc.Arbitrary<Asked> = fc
  .tuple(askedCall, anyRegion, anyClass)
  .map(([call, region, trafficClass]) => ({ ...call, region, trafficClass }));
