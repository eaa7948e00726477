import type { Colour } from '../colours';
import type { QueueStanding, Standing, UnitStanding } from './standing';
import type { LeftAlone, Traffic } from './traffic';

/** All that is shown of one moment. */
export interface Snapshot extends Traffic, Standing {
  readonly at: string;
  /** Seconds that were measured. */
  readonly seconds: number;
  /** What breakers keep requests from. */
  readonly leftAlone: readonly LeftAlone[];
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
const GAP = '  ';
/** A heartbeat renews every 3 s. */
const LONG_UNRENEWED_S = 10;
/** What is left of the longest name. */
const LEAST_NAME = 8;

/** One moment as lines of text, none of them wider than the terminal. */
export function page(snapshot: Snapshot, options: PageOptions): readonly string[] {
  const { columns, paint } = options;
  const sections = sectionsOf(snapshot);
  const whole = 1 + sections.reduce((sum, { rows }) => sum + 2 + rows.length, 0);
  const isLow = options.rows !== undefined && options.rows < whole;
  const room = isLow ? roomFor(sections, options.rows ?? 0) : sections.map(({ rows }) => rows.length);
  const title = `twinkeep top  ${snapshot.at}  last ${snapshot.seconds} s`;
  const between = isLow ? [] : [''];
  return [
    paint('dim', title.slice(0, columns)),
    ...sections.flatMap((section, index) => [...between, ...linesOf(section, room[index] ?? 0, options)]),
  ];
}

function sectionsOf(snapshot: Snapshot): Section[] {
  return [
    classes(snapshot),
    callers(snapshot),
    refusals(snapshot),
    breakers(snapshot),
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
    least: 1,
    rows: all.map((one) => ({ cells: [one.caller, rate(one.requestsPerS), percent(one.refused)] })),
  };
}

function refusals({ refusals: all, trials }: Snapshot): Section {
  return {
    heading: ['refused', 'by rule', 'class', 'region', 'per s'],
    words: 4,
    nothing: 'nothing is refused',
    least: 1,
    rows: [
      ...all.map(
        (one): Row => ({
          colour: 'yellow',
          cells: [one.outcome, one.rule ?? NOTHING, one.class, one.region, rate(one.perS)],
        }),
      ),
      ...trials.map((one): Row => ({ cells: ['dry-run', one.rule, one.class, one.region, rate(one.perS)] })),
    ],
  };
}

function breakers({ leftAlone }: Snapshot): Section {
  return {
    heading: ['left alone', 'by', 'region', 'breaker', 'since'],
    words: 5,
    nothing: 'no breaker is open',
    least: 2,
    rows: leftAlone.map((one) => ({
      colour: 'red',
      cells: [one.dependency, one.function, one.region, one.state, one.since.slice('2026-01-01T'.length, -1)],
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
    least: 2,
    // The fullest first: they are what is left in a low terminal.
    rows: [...rows].sort((one, other) => Number(other.colour !== undefined) - Number(one.colour !== undefined)),
  };
}

function waitingOf(queue: QueueStanding | undefined): string[] {
  const { waiting, busyS, deadLetters } = queue ?? {};
  return [waiting, busyS, deadLetters].map((count) => count?.toFixed(0) ?? '?');
}

function units(all: readonly UnitStanding[] | undefined): Section {
  return {
    heading: ['unit', 'writer', 'mode', 'epoch', 'lease s', 'renewed s ago'],
    words: 3,
    nothing: 'the arbiter does not answer',
    least: all?.length ?? 0,
    rows: (all ?? []).map(({ unit, writer, mode, step, epoch, leaseS, renewedS }) => ({
      colour:
        step !== undefined || mode !== 'database' ? 'yellow' : (renewedS ?? 0) > LONG_UNRENEWED_S ? 'red' : undefined,
      cells: [
        unit,
        writer,
        step === undefined ? mode : `${mode}, ${step}`,
        String(epoch),
        leaseS.toFixed(0),
        renewedS === undefined ? NOTHING : renewedS.toFixed(0),
      ],
    })),
  };
}

function switches({ switches: all }: Snapshot): Section {
  return {
    heading: ['switch that was turned', 'to'],
    words: 2,
    nothing: all === undefined ? 'the arbiter does not answer' : 'no switch is turned',
    least: 1,
    rows: (all ?? []).map(({ name, value }) => ({ cells: [name, JSON.stringify(value)] })),
  };
}

/** Lines of each section in a low terminal: what each needs at the least, and then from the top. */
function roomFor(sections: readonly Section[], rows: number): number[] {
  const room = sections.map(({ rows: all, least }) => Math.min(all.length, least));
  // A title, and a heading for each section.
  let left = rows - 1 - sections.length - room.reduce((sum, count) => sum + count, 0);
  for (const [index, section] of sections.entries()) {
    const more = Math.max(0, Math.min(left, section.rows.length - (room[index] ?? 0)));
    room[index] = (room[index] ?? 0) + more;
    left -= more;
  }
  return room;
}

function linesOf(section: Section, room: number, { columns, paint }: PageOptions): string[] {
  const { heading, words, rows, nothing = '' } = section;
  if (rows.length === 0) return [paint('dim', nothing.slice(0, columns))];
  const shown = rows.slice(0, room);
  const hidden = rows.length - shown.length;
  const suffix = hidden > 0 ? `  (${hidden} more)` : '';
  const needed = heading.map((title, column) =>
    Math.max(title.length, ...shown.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const widths = fitted(needed, words, columns - suffix.length);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < words ? clipped(cell, width).padEnd(width) : cell.padStart(width);
      })
      .join(GAP)
      .trimEnd()
      .slice(0, columns);
  return [
    paint('dim', `${line(heading)}${suffix}`.slice(0, columns)),
    ...shown.map(({ cells, colour }) => (colour === undefined ? line(cells) : paint(colour, line(cells)))),
  ];
}

/** Names make room for numbers, the longest first. */
function fitted(needed: readonly number[], words: number, columns: number): number[] {
  const widths = [...needed];
  let over = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - columns;
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths.slice(0, words)));
    if ((widths[widest] ?? 0) <= LEAST_NAME) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over -= 1;
  }
  return widths;
}

function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
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
