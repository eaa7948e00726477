import { DOMAIN_NAMES, DOMAINS, REGIONS, type Region } from '../../topology';
import type { PortPlan } from '../engines/ports';

/** The way from a caller to an engine. It has a port of its own, behind which it can be cut or slowed. */
export interface LinkPlan {
  /** `A-to-redis-B`: region A calls; `a1-B-to-a1-A`: the replica in B follows the writer in A. */
  readonly name: string;
  readonly caller: Region;
  readonly callee: Region | 'witness';
  readonly engine: string;
  /** Where callers connect. */
  readonly port: number;
  readonly targetPort: number;
}

type Target = Pick<LinkPlan, 'callee' | 'engine' | 'targetPort'>;

function databases({ mariadb }: Pick<PortPlan, 'mariadb'>): Target[] {
  return Object.entries(mariadb).map(([engine, targetPort]) => ({
    engine,
    callee: engine.endsWith('-A') ? 'A' : 'B',
    targetPort,
  }));
}

/** What functions of both regions call, and what topics of both regions deliver to. */
function called(ports: Omit<PortPlan, 'links'>): Target[] {
  return [
    ...databases(ports),
    ...REGIONS.flatMap((region): Target[] => [
      { engine: `redis-${region}`, callee: region, targetPort: ports.redis[region].port },
      { engine: `sqs-${region}`, callee: region, targetPort: ports.sqs[region] },
      { engine: `ssm-${region}`, callee: region, targetPort: ports.ssm[region] },
    ]),
    ...DOMAIN_NAMES.map(
      (engine): Target => ({
        engine,
        callee: DOMAINS[engine].region,
        targetPort: ports.opensearch[engine]?.port ?? 0,
      }),
    ),
    { engine: 'arbiter', callee: 'witness', targetPort: ports.dynamodb },
  ];
}

/** Each server may come to follow the other one of its cluster. */
function replications(ports: Omit<PortPlan, 'links'>): (Target & { replica: string; caller: Region })[] {
  return databases(ports).map((target) => {
    const caller = target.callee === 'A' ? 'B' : 'A';
    return { ...target, caller, replica: `${target.engine.slice(0, -1)}${caller}` };
  });
}

/** Every link of a system that has them, in the order of their ports. */
export function planLinks(ports: PortPlan): readonly LinkPlan[] {
  const { links } = ports;
  if (links === undefined) return [];
  const planned = [
    ...REGIONS.flatMap((caller) =>
      called(ports).map((target) => ({ ...target, caller, name: linkName(caller, target.engine) })),
    ),
    // The AWS services of the other region: its topic, its functions, its parameters.
    ...REGIONS.map((caller) => {
      const callee: Region = caller === 'A' ? 'B' : 'A';
      const engine = `aws-${callee}`;
      return { caller, callee, engine, targetPort: links.entries[callee], name: linkName(caller, engine) };
    }),
    ...replications(ports).map(({ replica, ...link }) => ({ ...link, name: linkName(replica, link.engine) })),
  ];
  return planned.map((link, index) => ({ ...link, port: links.first + index }));
}

export function linkName(caller: string, engine: string): string {
  return `${caller}-to-${engine}`;
}

/** Where callers of a region find everything; through its links, in a system that has them. */
export function seenFrom(region: Region, ports: PortPlan): PortPlan {
  const { links } = ports;
  if (links === undefined) return ports;
  const planned = planLinks(ports);
  const via = (engine: string): number => portOf(planned, linkName(region, engine));
  const each = <T>(value: (of: Region) => T): Readonly<Record<Region, T>> => ({ A: value('A'), B: value('B') });
  return {
    ...ports,
    aws: links.entries[region],
    mariadb: Object.fromEntries(Object.keys(ports.mariadb).map((name) => [name, via(name)])),
    redis: each((of) => ({ ...ports.redis[of], port: via(`redis-${of}`) })),
    opensearch: Object.fromEntries(
      Object.entries(ports.opensearch).map(([name, own]) => [name, { ...own, port: via(name) }]),
    ),
    sqs: each((of) => via(`sqs-${of}`)),
    ssm: each((of) => via(`ssm-${of}`)),
    dynamodb: via('arbiter'),
  };
}

/** Where the AWS services of the other region are called from this one. */
export function otherAwsPort(region: Region, ports: PortPlan): number {
  return portOf(planLinks(ports), linkName(region, region === 'A' ? 'aws-B' : 'aws-A'));
}

/** Where a database server finds the one that it follows. */
export function replicationPort(replica: string, writer: string, ports: PortPlan): number | undefined {
  if (ports.links === undefined) return ports.mariadb[writer];
  return portOf(planLinks(ports), linkName(replica, writer));
}

function portOf(planned: readonly LinkPlan[], name: string): number {
  const found = planned.find((link) => link.name === name);
  if (found === undefined) throw new Error(`No link ${name} is planned`);
  return found.port;
}
