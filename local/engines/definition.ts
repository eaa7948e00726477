import type { Region } from '../../topology';

export type EngineKind = 'mariadb' | 'redis' | 'opensearch' | 'sqs' | 'ssm' | 'dynamodb';

/** How an engine's process is started. */
export interface Launch {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** One engine: what it is, how it starts, when it is ready. Everything here may be repeated after any crash. */
export interface EngineDefinition {
  readonly name: string;
  readonly kind: EngineKind;
  readonly region: Region | 'witness';
  readonly role: string;
  /** Port that clients use, on 127.0.0.1. */
  readonly port: number;
  /** Every port that it listens on. */
  readonly ports: readonly number[];
  /** Directory of its data; it exists when `prepare` is called. */
  readonly dataDirectory: string;
  /** Resident memory to be expected. */
  readonly memoryMb: number;
  readonly readyTimeoutMs: number;
  /** How long it may take to end in order, where that is less than for others, before it is killed. */
  readonly stopGraceMs?: number;
  /** Lays the data directory out where that has not been done. */
  prepare(signal: AbortSignal): Promise<void>;
  launch(): Launch;
  /** One attempt over the engine's own protocol. @throws while it is not ready */
  check(): Promise<void>;
  /** Sees to what must hold after every start: slots, replication, tables, parameters. @throws while it does not */
  configure(): Promise<void>;
}
