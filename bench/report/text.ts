import type { Results } from '../figures';
import { besideTable, stormTable } from './storm-tables';
import {
  bareTable,
  columns,
  handlerTable,
  latencyTable,
  markdown,
  otherTable,
  partsTable,
  type Table,
  targetTable,
  wholeTable,
} from './tables';

/** Others that keep more than this share of one core busy change what is measured. */
const QUIET_CORES = 0.2;

interface Section {
  readonly title: string;
  readonly table: Table;
  readonly note?: string;
}

const IDENTITY_NOTE =
  '(1) Against figures that were taken once on a machine of two cores with 24 GiB: on another one this ratio says little.';

function sections(results: Results): Section[] {
  const targets = targetTable(results);
  const isNoted = targets.some(([target = '']) => target.includes('(1)'));
  const all: Section[] = [
    { title: 'Targets', table: targets, ...(isNoted ? { note: IDENTITY_NOTE } : {}) },
    { title: 'Handler against the drivers alone', table: handlerTable(results) },
    { title: 'What the drivers alone are made to do', table: bareTable(results) },
    { title: 'Over HTTP against a plain service, 32 connections', table: wholeTable(results) },
    { title: 'Latency at half of what both can do, open loop', table: latencyTable(results) },
    { title: 'Where the CPU time of a request goes, over HTTP', table: partsTable(results) },
    ...stormSections(results),
    { title: 'Everything else', table: otherTable(results) },
  ];
  return all.filter(({ table }) => table.length > 1);
}

function stormSections({ overload }: Results): Section[] {
  if (overload === undefined) return [];
  const { ours, baseline } = overload;
  const title = (name: string, perS: number) =>
    `${name} under more than it can answer: its capacity is ${Math.round(perS)}/s`;
  return [
    { title: title('Ours', ours.capacityPerS), table: stormTable(ours) },
    { title: title('The plain service', baseline.capacityPerS), table: stormTable(baseline) },
    { title: 'Class order while marketing storms', table: besideTable(overload) },
  ];
}

/** Machine, commit, and whether the machine was quiet. */
export function heading(results: Results): string[] {
  const { machine, revision, startedAt, elapsedS, budgetMinutes } = results;
  const { processor, cores, memoryGib, node, kernel, loadAverage } = machine;
  const busiest = Object.entries(results.foreignCores).sort(([, one], [, other]) => other - one)[0];
  const lines = [
    `${processor}, ${cores} cores, ${memoryGib} GiB, Linux ${kernel}, Node ${node}`,
    `Commit ${revision.commit}${revision.isDirty ? ', with changes that are not committed' : ''}`,
    `${startedAt}, ${(elapsedS / 60).toFixed(1)} minutes of a budget of ${budgetMinutes}; load average before ${loadAverage}`,
  ];
  if (busiest === undefined) return lines;
  const [path, foreign] = busiest;
  const others = `Others kept up to ${foreign.toFixed(2)} cores busy (during ${path})`;
  if (foreign <= QUIET_CORES) return [...lines, `${others}: quiet`];
  return [...lines, `${others}: NOT QUIET. Trust ratios before rates, and neither before latencies`];
}

function failureLines({ failures }: Results): string[] {
  return Object.entries(failures).map(([name, reason]) => `${name} could not be measured: ${reason.split('\n')[0]}`);
}

export function terminalText(results: Results): string {
  const parts = sections(results).map(({ title, table, note }) =>
    [title, '', columns(table), ...(note === undefined ? [] : ['', note])].join('\n'),
  );
  return [heading(results).join('\n'), ...parts, failureLines(results).join('\n')].filter(Boolean).join('\n\n');
}

export function readmeText(results: Results): string {
  const parts = sections(results).map(({ title, table, note }) =>
    [`### ${title}`, '', markdown(table), ...(note === undefined ? [] : ['', note])].join('\n'),
  );
  const top = [...heading(results), ...failureLines(results)].map((line) => `- ${line}`).join('\n');
  return [top, ...parts].join('\n\n');
}

const BEGIN = '<!-- results: written by npm run bench -->';
const END = '<!-- end of results -->';

/** @throws Error if the document has no place for results */
export function replaceResults(document: string, text: string): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END, from);
  if (from === -1 || to === -1) throw new Error(`the document has no ${BEGIN} followed by ${END}`);
  return `${document.slice(0, from + BEGIN.length)}\n\n${text}\n\n${document.slice(to)}`;
}
