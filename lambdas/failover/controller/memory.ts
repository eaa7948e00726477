import { type DomainName, otherRegion, REGIONS, type Region } from '../../../topology';
import type { UnitDecision } from '../../arbiter';
import { judge, type Report, SUBJECTS, type Subject } from './report';

/** How a subject stands, and how many looks in a row have said the contrary. */
export interface Standing {
  readonly isWell: boolean;
  readonly contrary: number;
  /** When it was last found to have become ill; kept while it matters. */
  readonly fellAtMs: readonly number[];
}

/** Something that takes many steps and is under way; `count` rises for as long as somebody is at it. */
export interface Work {
  readonly subject: `unit/${string}` | `domain/${DomainName}`;
  readonly count: number;
}

/** What a controller remembers from look to look. */
export interface Memory {
  readonly lookedAtMs: number;
  readonly heard: Readonly<Record<Region, { readonly count: number; readonly silentLooks: number }>>;
  readonly standings: Readonly<Record<Subject, Standing>>;
  /** By region, the last look at which it was taken for lost; absent if it never was. */
  readonly lostAtMs: Readonly<Partial<Record<Region, number>>>;
  /** By subject, what is under way, and how many looks in a row nobody was at it. */
  readonly works: Readonly<Record<string, { readonly count: number; readonly stillLooks: number }>>;
  /** By unit. */
  readonly writers: Readonly<Record<string, WriterMemory>>;
}

export interface WriterMemory {
  /** Where it was seen last. */
  readonly writer: Region;
  /** When it was seen to have moved; kept while it matters. */
  readonly movedAtMs: readonly number[];
  /** The newest heartbeat that its own region, which was heard and reached it, has told of: nobody was let write much later. */
  readonly writtenUntilMs?: number;
  /** The newest heartbeat that was seen to have come to the copy in the other region, which lacks nothing from before it. */
  readonly copiedUntilMs?: number;
}

/** Looks in a row after which something is taken for ill: a restart, or one lost packet, is no illness. */
export const ILL_AFTER_LOOKS = 3;
/** More looks are wanted for the way back: what comes back often comes and goes at first. */
export const WELL_AFTER_LOOKS = 5;
/** Looks in a row without a new report after which a region is silent. */
export const SILENT_AFTER_LOOKS = 3;
/** Looks closer together than this count as one, however many heartbeats ask for them. */
export const LOOK_EVERY_MS = 2500;
/** How long a fall, or a move, is held against whoever would come back. */
export const FALLS_KEPT_MS = 3_600_000;

export const WELL: Standing = { isWell: true, contrary: 0, fellAtMs: [] };

export const FIRST_MEMORY: Memory = {
  lookedAtMs: 0,
  heard: Object.fromEntries(REGIONS.map((region) => [region, { count: 0, silentLooks: 0 }])) as Memory['heard'],
  standings: Object.fromEntries(SUBJECTS.map((subject) => [subject, WELL])) as Memory['standings'],
  lostAtMs: {},
  works: {},
  writers: {},
};

/** A clock that stepped back or forth makes one look come early or late, never many. */
export function isTimeToLook({ lookedAtMs }: Memory, nowMs: number): boolean {
  return Math.abs(nowMs - lookedAtMs) >= LOOK_EVERY_MS;
}

/** What is decided and under way at the moment of a look. */
export interface Surroundings {
  readonly works?: readonly Work[];
  readonly units?: readonly Pick<UnitDecision, 'unit' | 'writer' | 'mode'>[];
}

/** The memory after one look at the newest reports, and at what is under way. */
export function look(
  memory: Memory,
  reports: readonly Report[],
  nowMs: number,
  { works = [], units = [] }: Surroundings = {},
): Memory {
  const heard = Object.fromEntries(
    REGIONS.map((region) => [region, listen(memory.heard[region], countOf(reports, region))]),
  ) as Memory['heard'];
  const judged = judge(reports.filter(({ region }) => isHeard({ heard }, region)));
  const news = reports.filter(({ region }) => heard[region].silentLooks === 0);
  const standings = Object.fromEntries(
    SUBJECTS.map((subject) => [subject, stand(memory.standings[subject] ?? WELL, judged.get(subject) ?? false, nowMs)]),
  ) as Memory['standings'];
  const lost = REGIONS.filter((region) => !standings[`region/${region}`].isWell).map((region) => [region, nowMs]);
  const lostAtMs = { ...memory.lostAtMs, ...Object.fromEntries(lost) };
  return {
    lookedAtMs: nowMs,
    heard,
    standings,
    lostAtMs,
    works: watch(memory.works, works),
    writers: follow(memory.writers, units, news, nowMs),
  };
}

/**
 * How far the copy of a unit in the other region was behind, to within some seconds, when its writer was last seen at work:
 * the age of a heartbeat alone grows with every second after the writer's end. Less, once more has arrived since.
 *
 * @returns undefined where this controller has not seen both
 */
export function lagMs({ writers }: Pick<Memory, 'writers'>, unit: string): number | undefined {
  const { writtenUntilMs, copiedUntilMs } = writers[unit] ?? {};
  if (writtenUntilMs === undefined || copiedUntilMs === undefined) return undefined;
  return Math.max(0, writtenUntilMs - copiedUntilMs);
}

export function isHeard({ heard }: Pick<Memory, 'heard'>, region: Region): boolean {
  return heard[region].silentLooks < SILENT_AFTER_LOOKS;
}

function countOf(reports: readonly Report[], region: Region): number {
  return reports.find((report) => report.region === region)?.count ?? 0;
}

function listen(known: Memory['heard'][Region], count: number): Memory['heard'][Region] {
  return { count, silentLooks: count === known.count ? known.silentLooks + 1 : 0 };
}

function watch(known: Memory['works'], works: readonly Work[]): Memory['works'] {
  return Object.fromEntries(
    works.map(({ subject, count }) => {
      const before = known[subject];
      return [subject, { count, stillLooks: before?.count === count ? before.stillLooks + 1 : 0 }];
    }),
  );
}

function follow(
  known: Memory['writers'],
  units: readonly Pick<UnitDecision, 'unit' | 'writer' | 'mode'>[],
  news: readonly Report[],
  nowMs: number,
): Memory['writers'] {
  return Object.fromEntries(
    units.map(({ unit, writer, mode }): [string, WriterMemory] => {
      const before = known[unit];
      const kept = (before?.movedAtMs ?? []).filter((atMs) => Math.abs(nowMs - atMs) < FALLS_KEPT_MS);
      const hasMoved = before !== undefined && before.writer !== writer;
      const reachOf = (of: Region) => news.find(({ region }) => region === of)?.reach;
      // In any other mode there may be no heartbeats.
      const isAtWork = mode === 'database' && reachOf(writer)?.databases[unit]?.[writer] === true;
      // Who can be reached, and cannot write, gets no further ahead. An earlier release does not tell.
      const writtenMs = reachOf(writer)?.heartbeatAgesMs?.[unit] ?? 0;
      const ageMs = reachOf(otherRegion(writer))?.heartbeatAgesMs?.[unit];
      return [
        unit,
        {
          ...(hasMoved ? {} : before),
          writer,
          movedAtMs: hasMoved ? [...kept, nowMs] : kept,
          ...(isAtWork && { writtenUntilMs: nowMs - writtenMs }),
          ...(ageMs !== undefined && { copiedUntilMs: nowMs - ageMs }),
        },
      ];
    }),
  );
}

function stand({ isWell, contrary, fellAtMs }: Standing, looksWell: boolean, nowMs: number): Standing {
  const kept = fellAtMs.filter((atMs) => Math.abs(nowMs - atMs) < FALLS_KEPT_MS);
  if (looksWell === isWell) return { isWell, contrary: 0, fellAtMs: kept };
  const isConvinced = contrary + 1 >= (isWell ? ILL_AFTER_LOOKS : WELL_AFTER_LOOKS);
  if (!isConvinced) return { isWell, contrary: contrary + 1, fellAtMs: kept };
  return { isWell: looksWell, contrary: 0, fellAtMs: looksWell ? kept : [...kept, nowMs] };
}
