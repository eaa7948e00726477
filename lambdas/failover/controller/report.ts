import { DOMAIN_NAMES, DOMAINS, type DomainName, REGIONS, type Region, UNITS } from '../../../topology';

/** What a region's heartbeat reaches: one answer for each store, from where it runs. */
export interface Reach {
  /** By unit, then by the region of the server: whether all its clusters answer there. */
  readonly databases: Readonly<Record<string, Readonly<Record<Region, boolean>>>>;
  readonly caches: Readonly<Record<Region, boolean>>;
  readonly domains: Readonly<Record<DomainName, boolean>>;
  /** By unit, how old the newest heartbeat is that this region's databases have of it; absent where they do not tell. */
  readonly heartbeatAgesMs?: Readonly<Record<string, number>> | undefined;
}

/** The newest report of a region. `count` rises with each one: who stands still is silent, whatever the clocks say. */
export interface Report {
  readonly region: Region;
  readonly count: number;
  readonly reach: Reach;
}

/** Whether anything that stands in a region is reached, by this report. */
export function reachesAnythingOf(region: Region, { databases, caches, domains }: Reach): boolean {
  return (
    caches[region] ||
    UNITS.some(({ name }) => databases[name]?.[region] === true) ||
    DOMAIN_NAMES.some((name) => DOMAINS[name].region === region && domains[name])
  );
}

/** What a region's health stands or falls with; a name under which hysteresis is kept. */
export type Subject = `domain/${DomainName}` | `cache/${Region}` | `database/${string}/${Region}` | `region/${Region}`;

export const SUBJECTS: readonly Subject[] = [
  ...DOMAIN_NAMES.map((name): Subject => `domain/${name}`),
  ...REGIONS.map((region): Subject => `cache/${region}`),
  ...UNITS.flatMap(({ name }) => REGIONS.map((region): Subject => `database/${name}/${region}`)),
  ...REGIONS.map((region): Subject => `region/${region}`),
];

/**
 * Which subjects are well by these reports. Only regions that are heard from are asked: a store that none of them
 * reaches is ill, one that some region still reaches is not, and a cache is judged by the region that reads it.
 * A region is ill when it is silent and nothing of it is reached by the other.
 *
 * @param reports of the regions that are heard from
 */
export function judge(reports: readonly Report[]): ReadonlyMap<Subject, boolean> {
  const heard = new Map(reports.map((report) => [report.region, report.reach]));
  const some = (reached: (reach: Reach) => boolean) => [...heard.values()].some(reached);
  return new Map<Subject, boolean>([
    ...DOMAIN_NAMES.map((name) => [`domain/${name}`, some(({ domains }) => domains[name])] as const),
    ...REGIONS.map((region) => [`cache/${region}`, heard.get(region)?.caches[region] ?? false] as const),
    ...UNITS.flatMap(({ name }) =>
      REGIONS.map(
        (region) =>
          [`database/${name}/${region}`, some(({ databases }) => databases[name]?.[region] ?? false)] as const,
      ),
    ),
    ...REGIONS.map(
      (region) => [`region/${region}`, heard.has(region) || some((reach) => reachesAnythingOf(region, reach))] as const,
    ),
  ]);
}
