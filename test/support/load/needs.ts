import { REGIONS, type Region, UNITS } from '../../../topology';

/** Kinds of calls, by what they need: those with a key or an account need the arbiter. */
export const CALLS = [
  'get',
  'batch',
  'find',
  'phone',
  'patch',
  'bind',
  'unbind',
  'register',
  'register-keyed',
] as const;
export type CallName = (typeof CALLS)[number];

/** A kind of call in a region; about members of a unit, where the unit makes a difference. */
export interface Need {
  readonly call: CallName;
  readonly region: Region;
  readonly unit?: string;
}

/** Calls about a member, for which the unit makes a difference. */
const OF_A_UNIT: readonly CallName[] = ['get', 'patch', 'bind', 'unbind'];
export const WRITES_OF_A_UNIT: readonly CallName[] = ['patch', 'bind', 'unbind'];

export const ALL_NEEDS: readonly Need[] = REGIONS.flatMap((region) =>
  CALLS.flatMap((call): Need[] =>
    OF_A_UNIT.includes(call) ? UNITS.map(({ name: unit }) => ({ call, region, unit })) : [{ call, region }],
  ),
);

export function needText({ call, region, unit }: Need): string {
  return unit === undefined ? `${call} in ${region}` : `${call} of ${unit} in ${region}`;
}
