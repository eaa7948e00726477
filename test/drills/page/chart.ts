import { failuresIn, SERVERS, type Second } from '../figures';
import type { Mark } from '../report';
import { element, escaped } from './html';

const WIDTH = 980;
const LEFT = 46;
const RIGHT = 12;
const MARKS_TOP = 22;
const CALLS_HEIGHT = 150;
const GAP = 26;
const LATENCY_HEIGHT = 104;
const AXIS = 26;
const CALLS_BOTTOM = MARKS_TOP + CALLS_HEIGHT;
const LATENCY_TOP = CALLS_BOTTOM + GAP;
const LATENCY_BOTTOM = LATENCY_TOP + LATENCY_HEIGHT;
const HEIGHT = LATENCY_BOTTOM + AXIS;

const LEAST_MS = 1;
const MOST_MS = 10_000;
const LATENCY_TICKS: readonly (readonly [ms: number, text: string])[] = [
  [1, '1 ms'],
  [10, '10 ms'],
  [100, '0.1 s'],
  [1000, '1 s'],
  [10_000, '10 s'],
];
/** Numbers of the marks, in their order on the chart. */
const NARROWEST_LABEL_PX = 15;

/** What stands on each other in one second, from the bottom. */
const LAYERS = [...SERVERS, 'writes', 'failed'] as const;
type Layer = (typeof LAYERS)[number];

export const LAYER_TEXT: Readonly<Record<Layer, string>> = {
  cache: 'read from the cache',
  writer: 'from a writer',
  replica: 'from a replica',
  search: 'from a search domain',
  writes: 'write acknowledged',
  failed: 'failed',
};

/** A step that is nice to read along an axis. */
export function niceStep(range: number, most: number): number {
  const rough = range / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
}

function heightOf(second: Second, layer: Layer): number {
  if (layer === 'failed') return failuresIn(second);
  return layer === 'writes' ? second.writes : second.served[layer];
}

/** Calls of each second by who served them, and below how long they took. */
export function chart(seconds: readonly Second[], marks: readonly Mark[], lastedS: number): string {
  const [firstS, lastS] = [seconds[0]?.atS ?? 0, (seconds.at(-1)?.atS ?? 0) + 1];
  const plotWidth = WIDTH - LEFT - RIGHT;
  const x = (atS: number) => LEFT + ((atS - firstS) / Math.max(1, lastS - firstS)) * plotWidth;
  const most = Math.max(1, ...seconds.map((second) => LAYERS.reduce((sum, layer) => sum + heightOf(second, layer), 0)));
  const callStep = niceStep(most, 4);
  const top = Math.ceil(most / callStep) * callStep;
  const y = (calls: number) => CALLS_BOTTOM - (calls / top) * CALLS_HEIGHT;
  const parts = [
    band(x(0), x(Math.min(lastedS, lastS))),
    ...Array.from({ length: Math.round(top / callStep) + 1 }, (_, index) =>
      gridLine(y(index * callStep), `${index * callStep}`),
    ),
    ...LATENCY_TICKS.map(([ms, text]) => gridLine(latencyY(ms), text)),
    ...secondTicks(firstS, lastS, x),
    ...seconds.map((second) => bar(second, x, y)),
    latencyLine(seconds, x, 'p99Ms'),
    latencyLine(seconds, x, 'p50Ms'),
    ...markLines(marks, x),
    element('text', { x: 0, y: MARKS_TOP - 8, class: 'caption' }, 'calls/s'),
    element('text', { x: 0, y: LATENCY_TOP - 8, class: 'caption' }, 'latency'),
  ];
  const label = 'Calls of each second by who served them, and how long they took';
  return element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label }, parts.join('\n'));
}

function band(from: number, to: number): string {
  return element('rect', {
    x: from,
    y: MARKS_TOP,
    width: Math.max(0, to - from),
    height: LATENCY_BOTTOM - MARKS_TOP,
    class: 'fault',
  });
}

function gridLine(y: number, text: string): string {
  return (
    element('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, class: 'grid' }) +
    element('text', { x: LEFT - 6, y: y + 4, class: 'tick end' }, text)
  );
}

function secondTicks(firstS: number, lastS: number, x: (atS: number) => number): string[] {
  const step = Math.max(1, niceStep(lastS - firstS, 12));
  const first = Math.ceil(firstS / step) * step;
  return Array.from({ length: Math.floor((lastS - first) / step) + 1 }, (_, index) => {
    const atS = first + index * step;
    return element('text', { x: x(atS), y: HEIGHT - 8, class: 'tick middle' }, `${atS} s`);
  });
}

function bar(second: Second, x: (atS: number) => number, y: (calls: number) => number): string {
  const width = Math.max(1, x(second.atS + 1) - x(second.atS) - 1);
  let below = 0;
  const layers = LAYERS.map((layer) => {
    const height = heightOf(second, layer);
    const from = below;
    below += height;
    if (height === 0) return '';
    return element('rect', { x: x(second.atS), y: y(below), width, height: y(from) - y(below), class: layer });
  });
  return `<g><title>${escaped(secondText(second))}</title>${layers.join('')}</g>`;
}

function secondText(second: Second): string {
  const counted = LAYERS.filter((layer) => heightOf(second, layer) > 0).map(
    (layer) => `${heightOf(second, layer)} ${LAYER_TEXT[layer]}`,
  );
  const codes = Object.entries(second.failures).map(([code, count]) => `${count} ${code}`);
  return [
    `${second.atS} s`,
    ...counted,
    ...codes,
    `p50 ${second.p50Ms.toFixed(0)} ms, p99 ${second.p99Ms.toFixed(0)} ms`,
  ].join('\n');
}

function latencyY(ms: number): number {
  const within = Math.min(MOST_MS, Math.max(LEAST_MS, ms));
  const share = Math.log10(within / LEAST_MS) / Math.log10(MOST_MS / LEAST_MS);
  return LATENCY_BOTTOM - share * LATENCY_HEIGHT;
}

function latencyLine(seconds: readonly Second[], x: (atS: number) => number, of: 'p50Ms' | 'p99Ms'): string {
  const points = seconds
    .filter(({ calls }) => calls > 0)
    .map((second) => `${x(second.atS + 0.5).toFixed(1)},${latencyY(second[of]).toFixed(1)}`);
  return element('polyline', { points: points.join(' '), class: of });
}

/** A line for each mark, and its number above, unless another one stands there. */
function markLines(marks: readonly Mark[], x: (atS: number) => number): string[] {
  let labelledTo = Number.NEGATIVE_INFINITY;
  return marks.map(({ atS, kind }, index) => {
    const at = x(atS);
    const line = element('line', { x1: at, x2: at, y1: MARKS_TOP - 4, y2: LATENCY_BOTTOM, class: `mark ${kind}` });
    if (at - labelledTo < NARROWEST_LABEL_PX) return line;
    labelledTo = at;
    return line + element('text', { x: at, y: MARKS_TOP - 8, class: `number middle ${kind}` }, `${index + 1}`);
  });
}
