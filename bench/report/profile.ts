import type { ProfileFigures } from '../processes/profile-process';
import type { SelfTime } from '../profile/self-time';
import { columns, type Table } from './tables';

const MOST_FRAMES = 30;
const LEAST_GROUP_SHARE = 0.003;

function tableOf(title: string, times: readonly SelfTime[], operations: number): Table {
  const rows = times.map(({ name, us, share }) => [
    name,
    `${(share * 100).toFixed(1)} %`,
    `${(us / operations).toFixed(2)} µs`,
  ]);
  return [[title, 'share', 'each'], ...rows];
}

/** Where one operation spends its time, in functions themselves. */
export function profileText(name: string, file: string, profile: ProfileFigures): string {
  const { operations, strays, busyUs, groups, frames } = profile;
  const shown = groups.filter(({ share }) => share >= LEAST_GROUP_SHARE);
  return [
    `${name}: ${operations} operations, ${(busyUs / operations).toFixed(1)} µs of JavaScript's thread each${strays === 0 ? '' : `; ${strays} were answered otherwise`}`,
    columns(tableOf('Room or package', shown, operations)),
    columns(tableOf('Function, by its place', frames.slice(0, MOST_FRAMES), operations)),
    `The whole profile: ${file}`,
  ].join('\n\n');
}
