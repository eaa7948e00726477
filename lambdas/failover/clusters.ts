import {
  DescribeDBClusterSnapshotsCommand,
  DescribeGlobalClustersCommand,
  FailoverGlobalClusterCommand,
  type GlobalCluster,
  type GlobalClusterMember,
  RDSClient,
  RDSServiceException,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds';
import {
  AWS_REGIONS,
  clusterIdentifier,
  globalClusterIdentifier,
  otherRegion,
  REGIONS,
  type Region,
  UNITS,
} from '../../topology';
import { unavailable } from '../core';

/** A global cluster as RDS sees it now. */
export interface ClusterState {
  readonly writer: Region;
  /** `moving` from the moment at which a move was accepted until it is done, or was given up by RDS. */
  readonly status: 'available' | 'moving';
  /** `isAvailable` is false for a member that does not follow its writer. */
  readonly members: readonly { readonly region: Region; readonly isAvailable: boolean }[];
}

/**
 * Which region holds the writer of each cluster. A move is only begun here: `describe` tells when it is done. Nothing here
 * silences the old writer; whoever moves it has seen to that before, and says by `isWanted` whether that still holds: it is
 * asked right before each call to RDS, and nothing is begun where it does not. Every call throws Problem UNAVAILABLE where RDS
 * answers in neither region.
 */
export interface Clusters {
  describe(cluster: string): Promise<ClusterState>;
  /** A planned change, which loses nothing. @throws MoveRefused also where `to` is not in step with the writer */
  switchOver(cluster: string, to: Region, isWanted?: () => Promise<boolean>): Promise<void>;
  /** An unplanned change, which loses what had not arrived at `to`. @throws MoveRefused */
  failOver(cluster: string, to: Region, isWanted?: () => Promise<boolean>): Promise<void>;
  /** What was kept in a region of writers that were replaced before everything of them had arrived. */
  kept(region: Region): Promise<readonly KeptSnapshot[]>;
  close(): void;
}

/** The data of a replaced writer, as RDS keeps it when it comes back. */
export interface KeptSnapshot {
  readonly id: string;
  readonly cluster: string;
  readonly region: Region;
}

/** RDS will not do this as things stand; the message says why. */
export class MoveRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MoveRefused';
  }
}

export interface ClustersOptions {
  readonly region: Region;
  readonly stage: string;
  /** Stands in for the addresses of AWS, where they are not meant. */
  readonly endpoint: string | undefined;
}

/** A member of a global cluster with the name that RDS knows it by. */
interface Member {
  readonly region: Region;
  readonly arn: string;
  readonly isWriter: boolean;
  readonly isAvailable: boolean;
}

interface Described {
  readonly members: readonly Member[];
  readonly writer: Region;
  /** Where a move that is under way leads to. */
  readonly movingTo: Region | undefined;
  readonly isMoving: boolean;
}

const always = async () => true;
const CLUSTERS = UNITS.flatMap(({ clusters }) => clusters);
/** As Aurora names what it keeps of a writer that was replaced unplanned. */
const KEPT_PREFIX = 'rds:unplanned-global-failover-';
/** Enough for a region that is well; one that is lost must not hold up the question to the other. */
const ATTEMPT_TIMEOUT_MS = 3000;

/** @returns the clusters of this stage, as RDS answers for them in both regions */
export function createClusters(options: ClustersOptions): Clusters {
  return new RdsClusters(options);
}

class RdsClusters implements Clusters {
  readonly #clients: Readonly<Record<Region, RDSClient>>;
  readonly #region: Region;
  readonly #stage: string;

  constructor({ region, stage, endpoint }: ClustersOptions) {
    const client = (name: Region) =>
      new RDSClient({
        region: AWS_REGIONS[name],
        ...(endpoint === undefined ? {} : { endpoint }),
        // The next attempt goes to the other region.
        maxAttempts: 1,
      });
    this.#clients = { A: client('A'), B: client('B') };
    this.#region = region;
    this.#stage = stage;
  }

  async describe(cluster: string): Promise<ClusterState> {
    const { writer, isMoving, members } = await this.#look(cluster);
    return {
      writer,
      status: isMoving ? 'moving' : 'available',
      members: members.map(({ region, isAvailable }) => ({ region, isAvailable })),
    };
  }

  async switchOver(cluster: string, to: Region, isWanted = always): Promise<void> {
    await this.#move(cluster, to, (target, described) => {
      if (!target.isAvailable) throw new MoveRefused(`cluster ${cluster} is not in step in region ${to}`);
      const command = new SwitchoverGlobalClusterCommand(this.#named(cluster, target));
      // A planned change is asked of the region that gives the writer away.
      return this.#ask(described.writer, (client, abortSignal) => client.send(command, { abortSignal }), isWanted);
    });
  }

  async failOver(cluster: string, to: Region, isWanted = always): Promise<void> {
    await this.#move(cluster, to, (target) => {
      const command = new FailoverGlobalClusterCommand({ ...this.#named(cluster, target), AllowDataLoss: true });
      // An unplanned one is asked of the region that takes it over: the other may be lost.
      return this.#ask(to, (client, abortSignal) => client.send(command, { abortSignal }), isWanted);
    });
  }

  /** Each region tells of its own, and of those of everybody in the account, page by page. */
  async kept(region: Region): Promise<readonly KeptSnapshot[]> {
    const kept: KeptSnapshot[] = [];
    let Marker: string | undefined;
    do {
      const command = new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'automated', Marker });
      const abortSignal = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS);
      const answer = await this.#clients[region].send(command, { abortSignal }).catch((error: Error) => {
        throw unavailable(`RDS does not tell what was kept in region ${region}`, error);
      });
      for (const { DBClusterSnapshotIdentifier: id, DBClusterIdentifier: of } of answer.DBClusterSnapshots ?? []) {
        const cluster = CLUSTERS.find((name) => clusterIdentifier(this.#stage, region, name) === of);
        if (id?.startsWith(KEPT_PREFIX) === true && cluster !== undefined) kept.push({ id, cluster, region });
      }
      Marker = answer.Marker;
    } while (Marker !== undefined && Marker !== '');
    return kept;
  }

  close(): void {
    for (const region of REGIONS) this.#clients[region].destroy();
  }

  /** Begins a move unless it is done or under way. */
  async #move(
    cluster: string,
    to: Region,
    begin: (target: Member, described: Described) => Promise<unknown>,
  ): Promise<void> {
    const before = await this.#look(cluster);
    if (leadsTo(before, to)) return;
    if (before.isMoving) throw new MoveRefused(`cluster ${cluster} is being moved to another region`);
    const target = before.members.find(({ region }) => region === to);
    if (target === undefined) throw new MoveRefused(`cluster ${cluster} has no member in region ${to}`);
    try {
      await begin(target, before);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Someone else may have begun the same between our look and our call.
      if (leadsTo(await this.#look(cluster), to)) return;
      throw new MoveRefused(`cluster ${cluster} is not moved to region ${to}: ${error.message}`, { cause: error });
    }
  }

  #named(cluster: string, target: Member) {
    return {
      GlobalClusterIdentifier: globalClusterIdentifier(this.#stage, cluster),
      TargetDbClusterIdentifier: target.arn,
    };
  }

  async #look(cluster: string): Promise<Described> {
    const command = new DescribeGlobalClustersCommand({
      GlobalClusterIdentifier: globalClusterIdentifier(this.#stage, cluster),
    });
    const { GlobalClusters = [] } = await this.#ask(this.#region, (client, abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return describedBy(GlobalClusters[0], cluster);
  }

  /**
   * @param isWanted asked before each attempt: the one before may have taken long
   * @throws what RDS says against the call in the first region that answers, or Problem UNAVAILABLE
   */
  async #ask<T>(
    first: Region,
    call: (client: RDSClient, signal: AbortSignal) => Promise<T>,
    isWanted: () => Promise<boolean> = always,
  ): Promise<T> {
    let cause: unknown;
    for (const region of [first, otherRegion(first)]) {
      if (!(await isWanted())) throw new MoveRefused('the move is not wanted any more');
      try {
        return await call(this.#clients[region], AbortSignal.timeout(ATTEMPT_TIMEOUT_MS));
      } catch (error) {
        if (isRefusal(error)) throw error;
        cause ??= error;
      }
    }
    throw unavailable('RDS answers in neither region', cause);
  }
}

/** The writer is there, or on its way there. */
function leadsTo({ isMoving, movingTo, writer }: Described, to: Region): boolean {
  return isMoving ? movingTo === to : writer === to;
}

/** RDS understood the call and will not do it; anything else may be better in the other region. */
function isRefusal(error: unknown): error is RDSServiceException {
  return error instanceof RDSServiceException && error.name.endsWith('Fault');
}

/** @throws Problem UNAVAILABLE if RDS tells of no writer */
function describedBy(global: GlobalCluster | undefined, cluster: string): Described {
  const members = (global?.GlobalClusterMembers ?? []).flatMap(memberOf);
  const writer = members.find(({ isWriter }) => isWriter)?.region;
  if (writer === undefined) throw unavailable(`RDS tells of no writer of cluster ${cluster}`);
  const move = global?.FailoverState;
  return {
    members,
    writer,
    isMoving: move?.Status !== undefined,
    movingTo: move?.Status === 'cancelling' ? writer : regionOf(move?.ToDbClusterArn),
  };
}

function memberOf({ DBClusterArn: arn, IsWriter, SynchronizationStatus }: GlobalClusterMember): Member[] {
  const region = regionOf(arn);
  if (region === undefined || arn === undefined) return [];
  return [{ region, arn, isWriter: IsWriter === true, isAvailable: SynchronizationStatus !== 'pending-resync' }];
}

/** `arn:<partition>:rds:<AWS region>:<account>:cluster:<name>` */
function regionOf(arn: string | undefined): Region | undefined {
  const awsRegion = arn?.split(':')[3];
  return REGIONS.find((region) => AWS_REGIONS[region] === awsRegion);
}
