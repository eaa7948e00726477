import type { RequestFigures, Results } from '../figures';
import type { LatencyMs } from '../load/latency';
import type { OpenLoopFigures } from '../load/open-loop';
import { REQUEST_PATHS } from '../paths/catalogue';
import { quantile, type Spread } from '../statistics';
import { targetLines } from '../targets';

const NOTHING = '-';

export type Table = readonly (readonly string[])[];

/** A spread as people read it: the middle, and the quarters around it. */
export function spreadText({ median, lowerQuartile, upperQuartile }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${lowerQuartile.toFixed(digits)}-${upperQuartile.toFixed(digits)})`;
}

export function markdown([header = [], ...rows]: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Columns side by side, for a terminal. */
export function columns(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function measured(results: Results): { title: string; bareTitle: string; figures: RequestFigures }[] {
  return REQUEST_PATHS.flatMap(({ name, title, bareTitle }) => {
    const figures = results.requests[name];
    return figures === undefined ? [] : [{ title, bareTitle, figures }];
  });
}

export function handlerTable(results: Results): Table {
  const rows = measured(results).map(({ title, figures: { handler } }) => {
    const { ours, bare, cpuRatio, rateRatio, strayShare } = handler.comparison;
    return [
      title + strayMark(strayShare),
      `${Math.round(ours.cpuUsEach.median)} µs`,
      `${Math.round(bare.cpuUsEach.median)} µs`,
      spreadText(cpuRatio, 2),
      `${Math.round(ours.perS.median)}/s`,
      `${Math.round(bare.perS.median)}/s`,
      spreadText(rateRatio, 2),
      tripsText(handler.trips),
    ];
  });
  const header = ['Path', 'CPU each', 'bare', 'CPU ratio', 'rate', 'bare', 'rate ratio', 'trips'];
  return [header, ...rows];
}

/** What each path is compared with. */
export function bareTable(results: Results): Table {
  return [['Path', 'Bare'], ...measured(results).map(({ title, bareTitle }) => [title, bareTitle])];
}

export function wholeTable(results: Results): Table {
  const rows = measured(results).flatMap(({ title, figures: { whole } }) => {
    if (whole === undefined) return [];
    const { ours, baseline, fixed, rateRatio, cpuRatio } = whole;
    return [
      [
        title + strayMark(ours.failureShare),
        `${Math.round(ours.perS.median)}/s`,
        `${Math.round(baseline.perS.median)}/s`,
        fixed === undefined ? NOTHING : `${Math.round(fixed.perS.median)}/s`,
        spreadText(rateRatio, 2),
        `${Math.round(ours.cpuUsEach.median)} µs`,
        `${Math.round(baseline.cpuUsEach.median)} µs`,
        fixed === undefined ? NOTHING : `${Math.round(fixed.cpuUsEach.median)} µs`,
        spreadText(cpuRatio, 2),
        `${Math.round(Math.max(ours.generatorShare, baseline.generatorShare) * 100)} %`,
      ],
    ];
  });
  const header = ['Path', 'rate', 'plain', 'fixed', 'rate ratio', 'CPU each', 'plain', 'fixed', 'CPU ratio', 'load'];
  return [header, ...rows];
}

export function latencyTable(results: Results): Table {
  const rows = measured(results).flatMap(({ title, figures: { whole } }) => {
    if (whole === undefined) return [];
    const { ours, baseline } = whole.open;
    return [
      [
        title + failureMark(ours),
        `${Math.round(ours.perS)}/s`,
        ...latencyCells(ours.latencyMs),
        ...latencyCells(baseline.latencyMs),
        latencyCells(ours.latenessMs).slice(0, 2).join(', '),
      ],
    ];
  });
  const header = ['Path', 'at', 'p50 ms', 'p99', 'p99.9', 'plain p50 ms', 'p99', 'p99.9', 'sent late p50, p99'];
  return [header, ...rows];
}

/** Latencies of refusals are none of that path. */
function failureMark({ failures, failedStatuses }: OpenLoopFigures): string {
  if (failures === 0) return '';
  const statuses = Object.entries(failedStatuses).map(([status, count]) => `${count} x ${status}`);
  return ` (failed: ${statuses.join(', ')})`;
}

/** Where the CPU time of a request over HTTP goes, all processes together. */
export function partsTable(results: Results): Table {
  const rows = measured(results).flatMap(({ title, figures: { whole } }) => {
    if (whole === undefined) return [];
    return [[title, partsText(whole.ours.partsUsEach), partsText(whole.baseline.partsUsEach)]];
  });
  return [['Path', 'ours, µs of CPU for each request', 'plain'], ...rows];
}

const LEAST_PART_SHARE = 0.01;

function partsText(parts: Readonly<Record<string, number>>): string {
  const sum = Object.values(parts).reduce((total, us) => total + us, 0);
  return Object.entries(parts)
    .filter(([, us]) => us >= sum * LEAST_PART_SHARE)
    .sort(([, one], [, other]) => other - one)
    .map(([name, us]) => `${name} ${Math.round(us)}`)
    .join(', ');
}

export function otherTable(results: Results): Table {
  const { searchable, replay, guards, limits, startUp, propagation, reIndex, import: imported } = results;
  const rows: string[][] = [];
  for (const [trafficClass, latencies] of Object.entries(searchable?.latenciesMs ?? {})) {
    if (latencies.length === 0) continue;
    const [p50, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
    rows.push([
      `commit to searchable, class ${trafficClass}`,
      `p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms (${latencies.length} writes)`,
    ]);
  }
  for (const { writeShare, ours, best } of replay?.replays ?? []) {
    rows.push([
      `hit rate, Zipf(${replay?.exponent}) over ${replay?.members} members, ${writeShare * 100} % writes, from a cold cache`,
      `${percent(ours.hits / ours.reads)} of ${ours.reads} reads; the best possible: ${percent(best.hits / best.reads)}`,
    ]);
  }
  if (imported !== undefined)
    rows.push(['import', `${Math.round(imported.perS)} members/s (${imported.members} members)`]);
  if (propagation !== undefined) {
    const [p50, p99] = [quantile(propagation.latenciesMs, 0.5), quantile(propagation.latenciesMs, 0.99)];
    rows.push([
      'switch turned in the other region to a function that goes by it',
      `p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms (${propagation.latenciesMs.length} times)`,
    ]);
  }
  if (reIndex !== undefined) {
    const { members, writtenPerS, comparedPerS, barePerS } = reIndex;
    rows.push([
      'domain re-indexed from the rows',
      `${rateText(writtenPerS)} members/s, compared alone ${rateText(comparedPerS)}/s; by the engine's bulk calls ${Math.round(barePerS)}/s (${members} members)`,
    ]);
  }
  if (guards !== undefined) {
    rows.push(['guards', `${guards.usEach.median.toFixed(2)} µs, ${percent(guards.share.median)} of a cached read`]);
  }
  for (const { name, passed, otherwise } of limits?.algorithms ?? []) {
    const { ratePerS = 0, seconds = 0, offeredPerS } = limits ?? {};
    rows.push([
      `limit of ${ratePerS}/s by ${name}, ${offeredPerS}/s asked of four environments in two regions`,
      `${passed} of ${ratePerS * seconds} passed in ${seconds} s${otherwise === 0 ? '' : `; ${otherwise} failed otherwise`}`,
    ]);
  }
  for (const { name, bytes, cpuMs, wallMs } of startUp?.functions ?? []) {
    rows.push([
      `start of ${name}`,
      `${spreadText(cpuMs, 0)} ms of CPU, ${Math.round(wallMs.median)} ms, ${Math.round(bytes / 1000)} kB`,
    ]);
  }
  return [['What', 'Measured'], ...rows];
}

export function targetTable(results: Results): Table {
  const isWhole = REQUEST_PATHS.every(({ name }) => name in results.requests || name in results.failures);
  // A run of a few paths lists their targets only.
  const lines = targetLines(results).filter(({ measured: value }) => isWhole || value !== undefined);
  const rows = lines.map(({ target, measured: value, isMet }) => [
    target,
    value ?? NOTHING,
    isMet === undefined ? NOTHING : isMet ? 'yes' : '**no**',
  ]);
  return [['Target', 'Measured', 'Met'], ...rows];
}

function latencyCells({ p50, p99, p999 }: LatencyMs): string[] {
  return [p50, p99, p999].map((ms) => ms.toFixed(ms < 10 ? 2 : 0));
}

function tripsText(trips: Readonly<Record<string, number>>): string {
  return Object.entries(trips)
    .map(([engine, count]) => `${engine} ${Number.isInteger(count) ? count : count.toFixed(2)}`)
    .join(', ');
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

/** What was too quick to be told from the start of its command has no rate. */
function rateText(perS: number | undefined): string {
  return perS === undefined ? NOTHING : `${Math.round(perS)}`;
}

const STRAYS_THAT_COUNT = 0.01;

/** Figures in which too much was answered otherwise are not figures of that path. */
function strayMark(strayShare: number): string {
  return strayShare > STRAYS_THAT_COUNT ? ` (${percent(strayShare)} answered otherwise)` : '';
}
