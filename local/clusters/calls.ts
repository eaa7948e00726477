import { randomUUID } from 'node:crypto';
import type { Region } from '../../topology';
import { AwsFailure } from '../front/aws-error';
import type { Keeper } from './keeper';
import { answerXml, clusterNamed, globalClusterXml, type Names, regionNamed, snapshotXml } from './protocol';
import type { Move } from './record';
import type { Snapshots } from './snapshots';

export interface Callee {
  readonly names: Names;
  readonly keepers: ReadonlyMap<string, Keeper>;
  readonly snapshots: Snapshots;
}

/** Answers a call to RDS in its query protocol, as far as failover makes any. @throws AwsFailure */
export async function answerCall(callee: Callee, region: Region, body: string): Promise<string> {
  const parameters = new URLSearchParams(body);
  const action = parameters.get('Action') ?? '';
  switch (action) {
    case 'DescribeGlobalClusters':
      return answer(action, await describe(callee, parameters.get('GlobalClusterIdentifier')));
    case 'SwitchoverGlobalCluster':
      return answer(action, await move(callee, parameters, 'switchover'));
    case 'FailoverGlobalCluster':
      return answer(action, await move(callee, parameters, kindOfFailover(parameters)));
    case 'DescribeDBClusterSnapshots':
      return answer(action, snapshots(callee, region));
    default:
      throw new AwsFailure(
        400,
        'InvalidAction',
        `There is no ${action} here, only DescribeGlobalClusters, SwitchoverGlobalCluster, FailoverGlobalCluster and DescribeDBClusterSnapshots`,
      );
  }
}

function answer(action: string, result: string): string {
  return answerXml(action, result, randomUUID());
}

function keeperOf({ names, keepers }: Callee, identifier: string | null): Keeper {
  const cluster = clusterNamed(names.stage, [...keepers.keys()], identifier);
  const keeper = cluster === undefined ? undefined : keepers.get(cluster);
  if (keeper !== undefined) return keeper;
  throw new AwsFailure(404, 'GlobalClusterNotFoundFault', `There is no global cluster ${identifier}`);
}

async function globalCluster({ names }: Callee, keeper: Keeper): Promise<string> {
  return globalClusterXml(names, await keeper.describe());
}

async function describe(callee: Callee, identifier: string | null): Promise<string> {
  const keepers = identifier === null ? [...callee.keepers.values()] : [keeperOf(callee, identifier)];
  const described = await Promise.all(keepers.map((keeper) => globalCluster(callee, keeper)));
  const list = described.map((xml) => `<GlobalClusterMember>${xml}</GlobalClusterMember>`);
  return `<GlobalClusters>${list.join('')}</GlobalClusters>`;
}

/** Without either of its flags the call is what it was before it could lose data. */
function kindOfFailover(parameters: URLSearchParams): Move['kind'] {
  const isFailover = parameters.get('AllowDataLoss') === 'true';
  if (isFailover && parameters.get('Switchover') === 'true') {
    throw new AwsFailure(400, 'InvalidParameterCombination', 'AllowDataLoss and Switchover exclude each other');
  }
  return isFailover ? 'failover' : 'switchover';
}

async function move(callee: Callee, parameters: URLSearchParams, kind: Move['kind']): Promise<string> {
  const keeper = keeperOf(callee, parameters.get('GlobalClusterIdentifier'));
  const target = parameters.get('TargetDbClusterIdentifier');
  const to = regionNamed(callee.names, keeper.record.cluster, target);
  if (to === undefined) throw new AwsFailure(404, 'DBClusterNotFoundFault', `There is no cluster ${target} in it`);
  const refusal = await keeper.move(kind, to);
  if (refusal !== undefined) throw new AwsFailure(400, refusal.code, refusal.reason);
  return `<GlobalCluster>${await globalCluster(callee, keeper)}</GlobalCluster>`;
}

/** Each region has its own. */
function snapshots({ names, snapshots: kept }: Callee, region: Region): string {
  const list = kept
    .list()
    .filter((snapshot) => snapshot.region === region)
    .map((snapshot) => snapshotXml(names, snapshot, kept.directoryOf(snapshot)));
  return `<DBClusterSnapshots>${list.join('')}</DBClusterSnapshots>`;
}
