import type { Colour } from '../colours';
import type { QueueStanding, Standing, UnitStanding } from './standing';
import type { Traffic } from './traffic';

/** All that is shown of one moment. */
export interface Snapshot extends Traffic, Standing {
  readonly at: string;
  /** Seconds that were measured. */
  readonly seconds: number;
}

export interface PageOptions {
  readonly columns: number;
  /** Lines that there is room for; what is least urgent is left out. Everything is shown without. */
  readonly rows?: number;
  readonly paint: (colour: Colour, text: string) => string;
}

interface Row {
  readonly cells: readonly string[];
  readonly colour?: Colour | undefined;
}

interface Section {
  readonly heading: readonly string[];
  /** Columns of words; those of numbers stand to the right. */
  readonly words: number;
  readonly rows: readonly Row[];
  /** Said where there is no row. */
  readonly nothing?: string;
  /** Fewest rows that are shown. */
  readonly least: number;
}

const NOTHING = '-';

/** One moment as lines of text, none of them wider than the terminal. */
export function page(snapshot: Snapshot, options: PageOptions): readonly string[] {
  const { columns, paint } = options;
  const sections = sectionsOf(snapshot);
  const room = roomFor(sections, options.rows);
  const title = `twinkeep top  ${snapshot.at}  last ${snapshot.seconds} s`;
  return [
    paint('dim', title.slice(0, columns)),
    ...sections.flatMap((section, index) => ['', ...linesOf(section, room[index] ?? 0, options)]),
  ];
}

function sectionsOf(snapshot: Snapshot): Section[] {
  return [
    classes(snapshot),
    callers(snapshot),
    refusals(snapshot),
    targets(snapshot),
    units(snapshot.units),
    switches(snapshot),
  ];
}

function classes({ classes: all }: Snapshot): Section {
  return {
    heading: ['class', 'region', 'req/s', 'failing %', 'p50 ms', 'p99 ms', 'p999 ms', 'hit %', 'degraded/s'],
    words: 2,
    nothing: 'no requests',
    least: all.length,
    rows: all.map((one) => ({
      colour: (one.failing ?? 0) > 0.001 ? 'red' : one.degradedPerS > 0 ? 'yellow' : undefined,
      cells: [
        one.class,
        one.region,
        rate(one.requestsPerS),
        percent(one.failing),
        ms(one.p50Ms),
        ms(one.p99Ms),
        ms(one.p999Ms),
        percent(one.hitRate),
        rate(one.degradedPerS),
      ],
    })),
  };
}

function callers({ callers: all }: Snapshot): Section {
  return {
    heading: ['caller', 'req/s', 'not ok %'],
    words: 1,
    nothing: 'no callers',
    least: 3,
    rows: all.map((one) => ({ cells: [one.caller, rate(one.requestsPerS), percent(one.refused)] })),
  };
}

function refusals({ refusals: all }: Snapshot): Section {
  return {
    heading: ['refused', 'by rule', 'class', 'region', 'per s'],
    words: 4,
    nothing: 'nothing is refused',
    least: 3,
    rows: all.map((one) => ({
      colour: 'yellow',
      cells: [one.outcome, one.rule ?? NOTHING, one.class, one.region, rate(one.perS)],
    })),
  };
}

function targets({ lag, queues }: Snapshot): Section {
  const names = [...new Set([...(queues ?? []).map(({ queue }) => queue), ...lag.map(({ target }) => target)])];
  const rows = names.map((name): Row => {
    const late = lag.find(({ target }) => target === name);
    const queue = queues?.find((one) => one.queue === name);
    return {
      colour: (queue?.deadLetters ?? 0) > 0 ? 'red' : (queue?.busyS ?? 0) > 10 ? 'yellow' : undefined,
      cells: [
        name,
        (late ?? queue)?.region ?? '',
        rate(late?.eventsPerS ?? 0),
        ms(late?.p50Ms),
        ms(late?.p99Ms),
        ...waitingOf(queue),
      ],
    };
  });
  return {
    heading: ['queue', 'region', 'events/s', 'late p50', 'p99 ms', 'waiting', 'for s', 'dead'],
    words: 2,
    nothing: 'the queues do not answer',
    least: rows.length,
    rows,
  };
}

function waitingOf(queue: QueueStanding | undefined): string[] {
  if (queue === undefined) return ['?', '?', '?'];
  return [String(queue.waiting), queue.busyS.toFixed(0), String(queue.deadLetters)];
}

function units(all: readonly UnitStanding[] | undefined): Section {
  return {
    heading: ['unit', 'writer', 'mode', 'epoch', 'lease s', 'renewed'],
    words: 3,
    nothing: 'the arbiter does not answer',
    least: all?.length ?? 0,
    rows: (all ?? []).map(({ unit, writer, mode, step, epoch, leaseS, renewed }) => ({
      colour: step !== undefined || mode !== 'database' ? 'yellow' : renewed === 0 ? 'red' : undefined,
      cells: [
        unit,
        writer,
        step === undefined ? mode : `${mode}, ${step}`,
        String(epoch),
        leaseS.toFixed(0),
        renewed === undefined ? NOTHING : String(renewed),
      ],
    })),
  };
}

function switches({ switches: all }: Snapshot): Section {
  return {
    heading: ['switch that was turned', 'to'],
    words: 2,
    nothing: all === undefined ? 'the arbiter does not answer' : 'no switch is turned',
    least: 2,
    rows: (all ?? []).map(({ name, value }) => ({ cells: [name, JSON.stringify(value)] })),
  };
}

/** Lines of each section: all where they fit, else what each needs at the least, and the rest from the top. */
function roomFor(sections: readonly Section[], rows: number | undefined): number[] {
  if (rows === undefined) return sections.map((section) => section.rows.length);
  const room = sections.map(({ rows: all, least }) => Math.min(all.length, least));
  // A title, and for each section an empty line and its heading.
  let left = rows - 2 - sections.reduce((sum, _, index) => sum + 2 + Math.max(room[index] ?? 0, 0), 0);
  for (const [index, section] of sections.entries()) {
    const more = Math.max(0, Math.min(left, section.rows.length - (room[index] ?? 0)));
    room[index] = (room[index] ?? 0) + more;
    left -= more;
  }
  return room;
}

function linesOf(section: Section, room: number, { columns, paint }: PageOptions): string[] {
  const { heading, words, rows, nothing = '' } = section;
  const shown = rows.slice(0, room);
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...shown.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column < words ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
      .slice(0, columns);
  if (rows.length === 0) return [paint('dim', nothing.slice(0, columns))];
  const hidden = rows.length - shown.length;
  const title = line(heading) + (hidden > 0 ? `  (${hidden} more)` : '');
  return [
    paint('dim', title.slice(0, columns)),
    ...shown.map(({ cells, colour }) => (colour === undefined ? line(cells) : paint(colour, line(cells)))),
  ];
}

function rate(perS: number): string {
  return perS >= 100 ? perS.toFixed(0) : perS.toFixed(1);
}

function percent(part: number | undefined): string {
  if (part === undefined) return NOTHING;
  return (100 * part).toFixed(part > 0 && part < 0.001 ? 3 : 1);
}

function ms(value: number | undefined): string {
  if (value === undefined) return NOTHING;
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
