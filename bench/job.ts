import type { Region, TrafficClass } from '../topology';
import type { Pace } from './pace';

export interface HostedBundle {
  readonly name: string;
  /** Absolute path. */
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The system that is measured, as every process of the bench is told of it. */
export interface MeasuredSystem {
  readonly directory: string;
  /** Of region A, without a trailing slash. */
  readonly api: string;
  readonly apis: Readonly<Record<Region, string>>;
  readonly aws: { readonly endpoint: string; readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly apiKey: string;
  /** A key for each class, of a caller that may use it. */
  readonly apiKeys: Readonly<Record<TrafficClass, string>>;
  /** Process by the name of the engine. */
  readonly pids: Readonly<Record<string, number>>;
  /** Engine by its port, so that a connection tells whom it is to. */
  readonly ports: Readonly<Record<string, string>>;
  /** Writer of the unit that is at home in region A. */
  readonly database: { readonly port: number; readonly user: string; readonly password: string };
  readonly cachePort: number;
  /** URL of the domain that class order asks first. */
  readonly domain: string;
  readonly functions: readonly HostedBundle[];
}

/** A member that the paths read and write. */
export interface BenchMember {
  readonly memberId: string;
  readonly schema: string;
  readonly phone: string;
  readonly platform: string;
  readonly account: string;
  /** The answer of a read, as the system gives it. */
  readonly json: string;
}

/** What a process of the bench is told at its start, as JSON in `TWINKEEP_BENCH`. */
export interface Job {
  readonly path: string;
  readonly system: MeasuredSystem;
  /** File with `BenchMember`s. */
  readonly dataset: string;
  readonly pace: Pace;
  /** Tells this run's accounts and phones from those of earlier ones. */
  readonly run: string;
  /** `profile`: where the profile is written. */
  readonly profileFile?: string;
}

export const JOB_VARIABLE = 'TWINKEEP_BENCH';

export function readJob(): Job {
  const told = process.env[JOB_VARIABLE];
  if (told === undefined) throw new Error(`${JOB_VARIABLE} is not set: this process is started by the bench`);
  return JSON.parse(told) as Job;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
