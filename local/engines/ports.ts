/** Every port of one local system; all on 127.0.0.1. */
export interface PortPlan {
  readonly console: number;
  readonly api: Readonly<Record<'A' | 'B', number>>;
  readonly aws: number;
  readonly mariadb: Readonly<Record<string, number>>;
  readonly redis: Readonly<Record<'A' | 'B', { readonly port: number; readonly busPort: number }>>;
  readonly opensearch: Readonly<Record<string, { readonly port: number; readonly transportPort: number }>>;
  readonly sqs: Readonly<Record<'A' | 'B', number>>;
  readonly ssm: Readonly<Record<'A' | 'B', number>>;
  readonly dynamodb: number;
  /** The RDS API, which the front passes calls on to. */
  readonly rds: number;
  readonly invoke: Readonly<Record<'api-A' | 'tasks-A' | 'api-B' | 'tasks-B' | 'provision', number>>;
  /** Only in a system whose network can be cut. */
  readonly links?: {
    /** Port of the AWS APIs for callers in each region. */
    readonly entries: Readonly<Record<'A' | 'B', number>>;
    /** First of the links' ports, which follow each other. */
    readonly first: number;
  };
}

interface Fronts {
  readonly console: number;
  readonly a: number;
  readonly b: number;
  readonly aws: number;
  readonly engines: number;
}

const DEFAULT_FRONTS: Fronts = { console: 8080, a: 8081, b: 8082, aws: 4566, engines: 8100 };
const ENGINES_OFFSET = 20;
/** Where the ports of the network begin, above those of the engines. */
const LINKS_OFFSET = 40;
/** Ports that a system takes above its base; those of the network only where it is asked for. */
export const PORTS_TAKEN = ENGINES_OFFSET + LINKS_OFFSET + 36;

/**
 * The ports of a system: the documented defaults, or those that follow `portBase`.
 *
 * @param network whether callers reach engines by links that can be cut
 */
export function planPorts(portBase?: number, network: 'direct' | 'links' = 'direct'): PortPlan {
  const fronts =
    portBase === undefined
      ? DEFAULT_FRONTS
      : { console: portBase, a: portBase + 1, b: portBase + 2, aws: portBase + 3, engines: portBase + ENGINES_OFFSET };
  const engine = (offset: number) => fronts.engines + offset;
  return {
    console: fronts.console,
    api: { A: fronts.a, B: fronts.b },
    aws: fronts.aws,
    mariadb: { 'a1-A': engine(0), 'a1-B': engine(1), 'b1-A': engine(2), 'b1-B': engine(3) },
    redis: { A: { port: engine(4), busPort: engine(6) }, B: { port: engine(5), busPort: engine(7) } },
    opensearch: {
      order: { port: engine(8), transportPort: engine(11) },
      standby: { port: engine(9), transportPort: engine(12) },
      marketing: { port: engine(10), transportPort: engine(13) },
    },
    sqs: { A: engine(14), B: engine(15) },
    ssm: { A: engine(16), B: engine(17) },
    dynamodb: engine(18),
    rds: engine(24),
    invoke: {
      'api-A': engine(19),
      'tasks-A': engine(20),
      'api-B': engine(21),
      'tasks-B': engine(22),
      provision: engine(23),
    },
    ...(network === 'direct' ? {} : { links: linkPorts(engine(LINKS_OFFSET)) }),
  };
}

function linkPorts(first: number): NonNullable<PortPlan['links']> {
  return { entries: { A: first, B: first + 1 }, first: first + 2 };
}
