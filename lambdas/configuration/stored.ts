import * as z from 'zod/mini';
import { AWS_REGIONS, REGIONS } from '../../topology';
import { type Config, invalidConfig, json, readConfig } from '../core';
import { readEndpoints } from './parameters';
import { readSecrets } from './secrets';

/** Of everything together: what an environment needs in order to start must not outlast the requests that wait for it. */
const TIMEOUT_MS = 5000;

const placeSchema = z.object({
  TWINKEEP_REGION: z.enum(REGIONS),
  TWINKEEP_ENDPOINTS_PATH: z.string().check(z.startsWith('/')),
  TWINKEEP_SECRET_NAMES: json(z.strictObject({ database: z.string(), cache: z.string(), keys: z.string() })),
  TWINKEEP_MASTER_SECRET_NAMES: z.optional(json(z.record(z.string(), z.string()))),
});

/**
 * The configuration that the environment names: endpoints from the Parameter Store, secrets from Secrets Manager. It becomes
 * the two variables in which a local system is told the same.
 * @throws Error naming every variable, parameter or secret that is missing or wrong, or what could not be read
 */
export async function storedConfig(environment: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const told = placeSchema.safeParse(environment);
  if (!told.success) {
    throw invalidConfig(told.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  }
  const { TWINKEEP_ENDPOINTS_PATH: path, TWINKEEP_SECRET_NAMES: secretNames } = told.data;
  const store = { region: AWS_REGIONS[told.data.TWINKEEP_REGION], signal: AbortSignal.timeout(TIMEOUT_MS) };
  const [{ endpoints, parameterOf }, secrets] = await Promise.all([
    readEndpoints(store, path.replace(/\/+$/, '')),
    readSecrets(store, secretNames, told.data.TWINKEEP_MASTER_SECRET_NAMES),
  ]);
  const variables = { TWINKEEP_ENDPOINTS: JSON.stringify(endpoints), TWINKEEP_SECRETS: JSON.stringify(secrets) };
  return readConfig({ ...environment, ...variables }, (place) =>
    place[0] === 'TWINKEEP_ENDPOINTS' ? parameterOf(place.slice(1)) : place.join('.'),
  );
}
