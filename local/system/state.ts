import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AWS_REGIONS, type Region, type TrafficClass } from '../../topology';
import type { PortPlan } from '../engines';
import type { KeptServer } from './kept-servers';
import type { Part } from './part';
import type { RunningPart } from './running-part';
import { apiKey, CALLERS, type LocalSecrets } from './secrets';

export interface EngineState {
  readonly name: string;
  readonly kind: Part['kind'];
  readonly region: Region | 'witness';
  readonly role: string;
  readonly host: string;
  readonly port: number;
  /** Null while it does not run: no number that a signal could be sent to. */
  readonly pid: number | null;
}

/** What the local system promises to tools and tests, in `state.json`. */
export interface LocalState {
  readonly regions: Readonly<Record<Region, { readonly api: string }>>;
  readonly aws: {
    readonly endpoint: string;
    readonly regions: Readonly<Record<Region, string>>;
    readonly accountId: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  readonly callers: readonly {
    readonly id: string;
    readonly apiKey: string;
    readonly classes: readonly TrafficClass[];
  }[];
  readonly console: string;
  readonly engines: readonly EngineState[];
  /** Servers on data that was kept aside; none unless somebody asked for one. */
  readonly kept: readonly KeptServer[];
}

export function localUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

export function describeState(
  settings: { ports: PortPlan; secrets: LocalSecrets; accountId: string; kept: readonly KeptServer[] },
  parts: readonly RunningPart[],
  roleOf: (part: Part) => string,
): LocalState {
  const { ports, secrets, accountId } = settings;
  return {
    regions: { A: { api: localUrl(ports.api.A) }, B: { api: localUrl(ports.api.B) } },
    aws: {
      endpoint: localUrl(ports.aws),
      regions: { A: AWS_REGIONS.A, B: AWS_REGIONS.B },
      accountId,
      accessKeyId: secrets.accessKeyId,
      secretAccessKey: secrets.secretAccessKey,
    },
    callers: CALLERS.map(({ id, classes }) => ({ id, apiKey: apiKey(id, secrets), classes })),
    console: localUrl(ports.console),
    engines: parts.map(({ part, pid }) => ({
      name: part.name,
      kind: part.kind,
      region: part.region,
      role: roleOf(part),
      host: '127.0.0.1',
      port: part.port,
      pid: pid ?? null,
    })),
    kept: settings.kept,
  };
}

/** The file is replaced as a whole, so that no reader sees half of it. It holds secrets. */
export function writeState(path: string, state: LocalState): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(state, undefined, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function removeState(path: string): void {
  rmSync(path, { force: true });
}
