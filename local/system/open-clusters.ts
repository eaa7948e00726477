import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Region, UNITS } from '../../topology';
import { Clusters, type ServerProcess } from '../clusters';
import { databaseDirectory, type MariadbAccounts, type PortPlan, type Tools } from '../engines';
import { replicationPort } from '../faults';
import type { Layout } from './directory';

/** What the clusters need of the system that runs their servers. */
export interface Surroundings {
  readonly databaseProcess: (server: string) => ServerProcess;
  readonly isLost: (region: Region) => boolean;
  readonly onChange: () => void;
}

export interface ClusterOptions {
  readonly stage: string;
  readonly accountId: string;
  readonly layout: Layout;
  readonly ports: PortPlan;
  readonly accounts: MariadbAccounts;
  readonly tools: Tools;
}

/** The clusters of a system, as an earlier run left them. */
export function openClusters(options: ClusterOptions, surroundings: Surroundings): Clusters {
  const { layout, ports, tools, stage, accountId, accounts } = options;
  const portOf = (server: string): number => {
    const port = ports.mariadb[server];
    if (port === undefined) throw new Error(`No port is planned for ${server}`);
    return port;
  };
  return new Clusters({
    clusters: UNITS.flatMap(({ clusters, home }) => clusters.map((cluster) => ({ cluster, home }))),
    stage,
    accountId,
    accounts,
    directory: layout.data,
    port: ports.rds,
    programs: { dump: tools.mariadbDump, load: tools.mariadbClient },
    portOf,
    databaseDirectoryOf: (server) => databaseDirectory({ dataDirectory: join(layout.data, server) }),
    followedPort: (replica, writer) => replicationPort(replica, writer, ports) ?? portOf(writer),
    processOf: surroundings.databaseProcess,
    isLost: surroundings.isLost,
    note: noteIn(layout.logs),
    onChange: surroundings.onChange,
  });
}

function noteIn(directory: string): (message: string) => void {
  return (message) => {
    mkdirSync(directory, { recursive: true });
    appendFileSync(join(directory, 'clusters.log'), `${new Date().toISOString()} ${message}\n`);
  };
}
