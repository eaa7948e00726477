import { isDeepStrictEqual } from 'node:util';
import type { Arbiter } from '../../lambdas/arbiter';
import { AUTOMATIC_GRANT_MS, createClusters } from '../../lambdas/failover';
import type { Region } from '../../topology';
import { eventually, readState } from '../region/support/system';
import { openArbiter } from './decided';
import type { Act } from './drill';

type Awaiting = Extract<Act, { withinS: number }>;

/** Resolves when it is so. @throws Error if it is not in time */
export async function awaited(act: Awaiting): Promise<void> {
  await eventually(() => isSo(act), act.withinS * 1000);
}

function isSo(act: Awaiting): Promise<boolean> {
  switch (act.kind) {
    case 'await-unit':
      return withArbiter(async ({ decisions }) => {
        const decision = await decisions.unit(act.unit);
        const isOpen = decision?.transition === undefined && decision?.mode === 'database';
        return isOpen && decision.writer === act.writer;
      });
    case 'await-short-leases':
      return withArbiter(async ({ decisions }) => {
        const decision = await decisions.unit(act.unit);
        return decision !== undefined && decision.renewals > 0 && decision.grantedMs <= AUTOMATIC_GRANT_MS;
      });
    case 'await-replica':
      return isReplica(act.cluster, act.region);
    case 'await-switch':
      return withArbiter((arbiter) => isTurnedTo(arbiter, act.name, act.value));
  }
}

/** @param value of an object the fields that matter */
export async function isTurnedTo({ decisions }: Arbiter, name: string, value: unknown): Promise<boolean> {
  const stands = (await decisions.acceptedSwitch(name))?.value;
  if (!isObject(stands) || !isObject(value)) return isDeepStrictEqual(stands, value);
  return Object.entries(value).every(([field, wanted]) => isDeepStrictEqual(stands[field], wanted));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export async function withArbiter<T>(use: (arbiter: Arbiter) => Promise<T>): Promise<T> {
  const arbiter = openArbiter();
  try {
    return await use(arbiter);
  } finally {
    arbiter.close();
  }
}

/** As RDS has it. */
async function isReplica(cluster: string, region: Region): Promise<boolean> {
  const clusters = createClusters({ region, stage: 'local', endpoint: readState().aws.endpoint });
  try {
    const { writer, members } = await clusters.describe(cluster);
    return writer !== region && members.some((member) => member.region === region && member.isAvailable);
  } finally {
    clusters.close();
  }
}
