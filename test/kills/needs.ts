import { REGIONS, type Region, UNITS } from '../../topology';
import { ALL_NEEDS, type CallName, type Need, WRITES_OF_A_UNIT } from '../support/load';
import type { Fault } from './faults';

const CLAIMING: readonly CallName[] = ['bind', 'register-keyed'];

/** Whether a call may fail for as long as a process is away. */
type Loses = (need: Need) => boolean;

const isWriteOf =
  (unit: string): Loses =>
  (need) =>
    need.unit === unit && WRITES_OF_A_UNIT.includes(need.call);
const isForwarded: Loses = ({ call, region, unit }) => WRITES_OF_A_UNIT.includes(call) && homeOf(unit) !== region;

const LOSES: Readonly<Record<string, Loses>> = {
  'a1-A': isWriteOf('a1'),
  'b1-B': isWriteOf('b1'),
  arbiter: ({ call }) => CLAIMING.includes(call),
  front: (need) => CLAIMING.includes(need.call) || isForwarded(need),
  'api-A': (need) => need.region === 'A' || (isForwarded(need) && homeOf(need.unit) === 'A'),
  'api-B': (need) => need.region === 'B' || (isForwarded(need) && homeOf(need.unit) === 'B'),
};

/** Losing both of a pair loses more than each alone. */
const PAIRS_LOSE: readonly (readonly [pair: readonly [string, string], loses: Loses])[] = [
  [['order', 'standby'], ({ call }) => call === 'phone'],
  [['a1-A', 'b1-B'], ({ call }) => call === 'register'],
  [['a1-A', 'front'], ({ call, region }) => call === 'register' && region === 'A'],
];

function homeOf(unit: string | undefined): Region | undefined {
  return UNITS.find(({ name }) => name === unit)?.home;
}

/** What must go on while a fault lasts: everything that the lost processes are not needed for. */
export function needsDuring({ engines }: Fault): readonly Need[] {
  const pair = PAIRS_LOSE.filter(([names]) => names.every((name) => engines.includes(name)));
  const losing = [...engines.flatMap((name) => LOSES[name] ?? []), ...pair.map(([, loses]) => loses)];
  return ALL_NEEDS.filter((need) => !losing.some((loses) => loses(need)));
}

/** Regions whose connections may break, because the process that holds them is struck. */
export function regionsCut({ engines }: Fault): readonly Region[] {
  return REGIONS.filter((region) => engines.includes(`api-${region}`));
}
