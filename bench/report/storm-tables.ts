import { TRAFFIC_CLASSES, type TrafficClass } from '../../topology';
import type { OverloadFigures, ServiceUnderStorm, Storm } from '../figures';
import { percentilesOfAll } from '../load/latency';
import { goodputPerS, goodputShare } from '../overload/goodput';
import type { ClassFigures } from '../overload/storm';
import type { Table } from './tables';

const NOTHING = '-';
const HEADER = [
  'Offered',
  'answered in time',
  'of the most',
  ...TRAFFIC_CLASSES.flatMap((name) => [`${name}: in time`, 'p99 ms']),
  'otherwise',
];

/** One service under every storm. */
export function stormTable(service: ServiceUnderStorm): Table {
  return [HEADER, ...service.storms.map((storm) => stormRow(service, storm))];
}

function stormRow(service: ServiceUnderStorm, storm: Storm): string[] {
  const offeredPerS = Object.values(storm.classes).reduce((sum, { offered }) => sum + offered, 0) / storm.seconds;
  return [
    `${storm.times}x, ${Math.round(offeredPerS)}/s`,
    `${Math.round(goodputPerS(storm))}/s`,
    `${((goodputShare(service, storm.times) ?? 0) * 100).toFixed(0)} %`,
    ...TRAFFIC_CLASSES.flatMap((name) => classCells(storm.classes[name])),
    statusesText(storm.classes),
  ];
}

function classCells(figures: ClassFigures | undefined): string[] {
  if (figures === undefined) return [NOTHING, NOTHING];
  return [
    `${((100 * figures.good) / figures.offered).toFixed(1)} %`,
    percentilesOfAll([figures.served]).p99.toFixed(0),
  ];
}

/** Statuses of what was not answered well; 0 stands for no answer. */
function statusesText(classes: Readonly<Partial<Record<TrafficClass, ClassFigures>>>): string {
  const counts = new Map<string, number>();
  for (const { failedStatuses } of Object.values(classes)) {
    for (const [status, count] of Object.entries(failedStatuses)) counts.set(status, (counts.get(status) ?? 0) + count);
  }
  return counts.size === 0 ? NOTHING : [...counts].map(([status, count]) => `${count} x ${status}`).join(', ');
}

/** Class order beside marketing that asks for ten times as much. */
export function besideTable({ beside: { calm, stormy } }: OverloadFigures): Table {
  const row = (name: string, figures: readonly ClassFigures[]) => {
    const { p50, p99 } = percentilesOfAll(figures.map(({ served }) => served));
    const inTime = sum(figures, ({ good }) => good) / sum(figures, ({ offered }) => offered);
    return [name, `${(100 * inTime).toFixed(2)} %`, p50.toFixed(1), p99.toFixed(1)];
  };
  return [
    ['Class order beside marketing', 'in time', 'p50 ms', 'p99'],
    row('calm', calm),
    row('at ten times that', stormy),
  ];
}

function sum(figures: readonly ClassFigures[], pick: (one: ClassFigures) => number): number {
  return figures.reduce((total, one) => total + pick(one), 0);
}
