import { type Arbiter, createArbiter } from '../lambdas/arbiter';
import { type Log, systemClock } from '../lambdas/core';
import type { Region } from '../topology';
import type { SystemState } from './state';

export const TABLE_PREFIX = 'twinkeep-local';
export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The clients take their credentials from where functions have them. */
export function lendCredentials({ aws }: SystemState): void {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: aws.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.secretAccessKey });
}

/** The arbiter of a local system, as a region reaches it. */
export function openArbiter(state: SystemState, region: Region = 'A'): Arbiter {
  lendCredentials(state);
  const { endpoint, regions } = state.aws;
  return createArbiter({
    region,
    awsRegion: regions[region],
    endpoint,
    tablePrefix: TABLE_PREFIX,
    clock: systemClock,
    log: SILENT,
  });
}
