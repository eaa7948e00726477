import { join } from 'node:path';
import type { Region } from '../../topology';
import { processBundle } from '../bundle';
import { getOk } from '../engines/http';
import type { Part } from './part';
import { FRONT_VARIABLE, type FunctionProcessConfig, PROCESS_VARIABLE } from './process-config';
import type { ProcessPlan } from './process-plan';
import { localUrl } from './state';

const STOP_GRACE_MS = 10_000;
const READY_TIMEOUT_MS = 60_000;
const FRONT_MEMORY_MB = 100;
const PROCESS_MEMORY_MB = 150;

function nodePart(
  part: Pick<Part, 'name' | 'kind' | 'region' | 'role' | 'port' | 'ports' | 'dataDirectory' | 'memoryMb'>,
  launched: { bundle: string; variable: string; config: unknown; readyUrl: string },
): Part {
  return {
    ...part,
    revives: true,
    stopGraceMs: STOP_GRACE_MS,
    readyTimeoutMs: READY_TIMEOUT_MS,
    prepare: async () => undefined,
    launch: () => ({
      command: process.execPath,
      arguments: ['--enable-source-maps', launched.bundle],
      environment: { [launched.variable]: JSON.stringify(launched.config) },
    }),
    check: () => getOk(launched.readyUrl),
    configure: async () => undefined,
  };
}

export function frontPart(plan: ProcessPlan, directories: { bundles: string; work: string }): Part {
  const config = plan.front;
  return nodePart(
    {
      name: 'front',
      kind: 'front',
      region: 'witness',
      role: 'front',
      port: config.port,
      ports: [config.port, ...Object.values(config.entries ?? {}).map(({ port }) => port)],
      dataDirectory: directories.work,
      memoryMb: FRONT_MEMORY_MB,
    },
    {
      bundle: processBundle(directories.bundles, 'front-process'),
      variable: FRONT_VARIABLE,
      config,
      readyUrl: `${localUrl(config.port)}/_front/health`,
    },
  );
}

export function functionPart(config: FunctionProcessConfig, directories: { bundles: string; work: string }): Part {
  const ports = [...(config.port === undefined ? [] : [config.port]), config.invokePort];
  return nodePart(
    {
      name: config.name,
      kind: 'functions',
      region: config.region satisfies Region,
      role: config.kind,
      port: config.port ?? config.invokePort,
      ports,
      dataDirectory: join(directories.work, config.name),
      memoryMb: PROCESS_MEMORY_MB,
    },
    {
      bundle: processBundle(directories.bundles, 'function-process'),
      variable: PROCESS_VARIABLE,
      config,
      readyUrl: `${localUrl(config.invokePort)}/ready`,
    },
  );
}
