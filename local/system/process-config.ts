import type { FunctionDefinition, Region } from '../../topology';

/** What a process of functions is told, as JSON in `TWINKEEP_PROCESS`. */
export interface FunctionProcessConfig {
  /** Name of the engine: `api-A`, `tasks-B`. */
  readonly name: string;
  /** `api` listens for HTTP and runs the API functions; `tasks` runs what queues, schedules and deployments trigger. */
  readonly kind: 'api' | 'tasks';
  readonly region: Region;
  /** Port of the HTTP API, on 127.0.0.1; only in `api`. */
  readonly port?: number;
  /** Port of Lambda invoke calls and of `GET /ready`, which answers 200 once every function is loaded. */
  readonly invokePort: number;
  readonly functions: readonly HostedFunction[];
  /** URL of the front, without a trailing slash. */
  readonly awsEndpoint: string;
  readonly awsRegion: string;
  /** Queue URL by queue name, of every queue of both regions, dead letters among them. */
  readonly queueUrls: Readonly<Record<string, string>>;
}

export interface HostedFunction {
  readonly name: string;
  /** Absolute path of the bundle; it exports `handler`. */
  readonly bundle: string;
  readonly definition: FunctionDefinition;
  /** The whole environment that the function would have on Lambda. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What the front on the AWS port is told, as JSON in `TWINKEEP_FRONT`. It is ready when `GET /_front/health` answers 200. */
export interface FrontConfig {
  readonly port: number;
  readonly regions: Readonly<Record<Region, FrontRegion>>;
  /** URL of DynamoDBLocal, which stands outside both regions. */
  readonly dynamodb: string;
  /** URL of the RDS API, which answers for both regions. */
  readonly rds: string;
  readonly accountId: string;
  /** In a system whose network can be cut, the AWS APIs as each region sees them. */
  readonly entries?: Readonly<Record<Region, FrontEntry>>;
}

/** The AWS APIs for callers in one region. */
export interface FrontEntry {
  readonly port: number;
  /** URL of the other region's APIs as they are reached from here. */
  readonly otherRegion: string;
  /** URL of DynamoDBLocal as it is reached from here. */
  readonly dynamodb: string;
}

export interface FrontRegion {
  readonly awsRegion: string;
  /** URL of this region's ElasticMQ. */
  readonly sqs: string;
  /** URL of this region's Parameter Store. */
  readonly ssm: string;
  /** URLs where this region's function processes take Lambda invoke calls. */
  readonly invoke: { readonly api: string; readonly tasks: string };
  /** Function names of this region and the process that runs each. */
  readonly functions: Readonly<Record<string, 'api' | 'tasks'>>;
  readonly topic: FrontTopic;
}

export interface FrontTopic {
  readonly arn: string;
  /** Queue of this region's ElasticMQ in which the front keeps what it owes to the other region. */
  readonly owedQueue: string;
  /** URL of the other region's ElasticMQ as this topic reaches it; that region's own where absent. */
  readonly otherSqs?: string;
  /** Every queue that is subscribed, in whichever region it stands. */
  readonly subscriptions: readonly { readonly queue: string; readonly region: Region }[];
}

/** Name of the variable that carries a `FunctionProcessConfig`. */
export const PROCESS_VARIABLE = 'TWINKEEP_PROCESS';
/** Name of the variable that carries a `FrontConfig`. */
export const FRONT_VARIABLE = 'TWINKEEP_FRONT';
