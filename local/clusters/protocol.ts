import {
  AWS_REGIONS,
  clusterIdentifier,
  globalClusterIdentifier,
  otherRegion,
  REGIONS,
  type Region,
} from '../../topology';
import { escapeXml } from '../front/aws-error';
import type { ClusterRecord, Move, Snapshot } from './record';

const NAMESPACE = 'http://rds.amazonaws.com/doc/2014-10-31/';

/** A cluster as RDS tells of it. */
export interface Described {
  readonly record: ClusterRecord;
  readonly isConnected: Readonly<Record<Region, boolean>>;
}

export interface Names {
  readonly stage: string;
  readonly accountId: string;
}

/** An element of XML, with text or elements in it; nothing where there is no content. */
function element(name: string, content: string | undefined): string {
  return content === undefined ? '' : `<${name}>${content}</${name}>`;
}

function text(name: string, value: string | boolean): string {
  return element(name, escapeXml(String(value)));
}

export function clusterArn({ stage, accountId }: Names, region: Region, cluster: string): string {
  return `arn:aws:rds:${AWS_REGIONS[region]}:${accountId}:cluster:${clusterIdentifier(stage, region, cluster)}`;
}

const STATUS = { switchover: 'switching-over', failover: 'failing-over' } as const;

function failoverState(names: Names, cluster: string, move: Move | undefined): string | undefined {
  if (move === undefined) return undefined;
  return [
    text('Status', STATUS[move.kind]),
    text('FromDbClusterArn', clusterArn(names, otherRegion(move.to), cluster)),
    text('ToDbClusterArn', clusterArn(names, move.to, cluster)),
    text('IsDataLossAllowed', move.kind === 'failover'),
  ].join('');
}

/** A `GlobalCluster` of RDS. */
export function globalClusterXml(names: Names, { record, isConnected }: Described): string {
  const { cluster, writer, move } = record;
  const arn = (region: Region) => clusterArn(names, region, cluster);
  const members = REGIONS.map((region) =>
    element(
      'GlobalClusterMember',
      [
        text('DBClusterArn', arn(region)),
        text('IsWriter', region === writer),
        element('Readers', region === writer ? text('member', arn(otherRegion(region))) : ''),
        text('SynchronizationStatus', isConnected[region] ? 'connected' : 'pending-resync'),
      ].join(''),
    ),
  );
  const identifier = globalClusterIdentifier(names.stage, cluster);
  return [
    text('GlobalClusterIdentifier', identifier),
    text('GlobalClusterArn', `arn:aws:rds::${names.accountId}:global-cluster:${identifier}`),
    text('Status', move === undefined ? 'available' : STATUS[move.kind]),
    text('Engine', 'aurora-mysql'),
    element('GlobalClusterMembers', members.join('')),
    element('FailoverState', failoverState(names, cluster, move)),
  ].join('');
}

/** A `DBClusterSnapshot` of RDS, and beside it the directory in which it stands here. */
export function snapshotXml(names: Names, snapshot: Snapshot, directory: string): string {
  return element(
    'DBClusterSnapshot',
    [
      text('DBClusterSnapshotIdentifier', snapshot.id),
      text('DBClusterIdentifier', clusterIdentifier(names.stage, snapshot.region, snapshot.cluster)),
      text('SnapshotCreateTime', snapshot.takenAt),
      text('SnapshotType', 'automated'),
      text('Status', 'available'),
      text('Engine', 'aurora-mysql'),
      element('TagList', tag('directory', directory) + tag('position', snapshot.position)),
    ].join(''),
  );
}

function tag(key: string, value: string): string {
  return element('Tag', text('Key', key) + text('Value', value));
}

/** A whole answer to a call. */
export function answerXml(action: string, result: string, requestId: string): string {
  const metadata = element('ResponseMetadata', text('RequestId', requestId));
  return `<${action}Response xmlns="${NAMESPACE}">${element(`${action}Result`, result)}${metadata}</${action}Response>`;
}

/** Which cluster and region a call names. @returns undefined for names that are not ours */
export function clusterNamed(
  stage: string,
  clusters: readonly string[],
  identifier: string | null,
): string | undefined {
  // RDS does not tell large letters from small ones here.
  const meant = identifier?.toLowerCase();
  return clusters.find((cluster) => globalClusterIdentifier(stage, cluster) === meant);
}

export function regionNamed(names: Names, cluster: string, arn: string | null): Region | undefined {
  return REGIONS.find((region) => clusterArn(names, region, cluster) === arn);
}
