import type { FunctionDefinition } from '../../topology';
import { clustersOf } from './names';
import type { RegionStack } from './region-stack';
import { ALIAS } from './rights';

/** Lambda's Node brings the certificates of RDS along, and reads them only if it is told to. */
const CERTIFICATES = '/var/runtime/ca-cert.pem';

/** What a function is told; `lambdas/core/config.ts` reads it. It holds no secret, only the names of some. */
export function functionEnvironment(stack: RegionStack, definition: FunctionDefinition): Record<string, string> {
  const { stage, names, home } = stack;
  const { trigger } = definition;
  const name = names.of(definition.name);
  return {
    TWINKEEP_STAGE: stage.name,
    TWINKEEP_REGION: home,
    // What is forwarded goes to the version that the other region's callers get, too.
    TWINKEEP_FUNCTION: trigger.kind === 'api' ? `${name}:${ALIAS}` : name,
    ...(trigger.kind === 'api' ? { TWINKEEP_CLASS: trigger.trafficClass } : {}),
    TWINKEEP_ENDPOINTS_PATH: names.endpointsPath,
    TWINKEEP_SECRET_NAMES: JSON.stringify({
      database: names.secret('database'),
      cache: names.secret('cache'),
      keys: names.secret('keys'),
    }),
    ...(definition.handler === 'provision' ? { TWINKEEP_MASTER_SECRET_NAMES: masterSecretNames(stack) } : {}),
    TWINKEEP_TOPOLOGY: JSON.stringify({
      awsRegions: stage.regions,
      clustersPerUnit: stage.databases.clustersPerUnit,
      writerPatienceMs: stage.databases.writerPatienceS * 1000,
      promotableLagMs: stage.databases.promotableLagS * 1000,
    }),
    NODE_EXTRA_CA_CERTS: CERTIFICATES,
  };
}

function masterSecretNames({ stage, names }: RegionStack): string {
  return JSON.stringify(
    Object.fromEntries(clustersOf(stage).map(({ name }) => [name, names.secret(`master-${name}`)])),
  );
}
