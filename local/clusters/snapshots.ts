import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterIdentifier, type Region } from '../../topology';
import type { Snapshot } from './record';

const PREFIX = 'rds:';
const DESCRIPTION = 'snapshot.json';
const DATABASE = 'database';

/** The name that Aurora gives to what it keeps of a writer that was replaced unplanned. */
export function snapshotId(stage: string, cluster: string, region: Region, at: Date): string {
  const time = at
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[T:]/g, '-');
  return `${PREFIX}unplanned-global-failover-${clusterIdentifier(stage, region, cluster)}-${time}`;
}

/** What was kept aside of returned writers, a directory for each. */
export class Snapshots {
  constructor(readonly directory: string) {}

  directoryOf({ id }: Pick<Snapshot, 'id'>): string {
    return join(this.directory, id.slice(PREFIX.length));
  }

  list(): readonly Snapshot[] {
    if (!existsSync(this.directory)) return [];
    return readdirSync(this.directory)
      .map((name) => join(this.directory, name))
      .filter((path) => existsSync(join(path, DATABASE)))
      .map((path) => JSON.parse(readFileSync(join(path, DESCRIPTION), 'utf8')) as Snapshot);
  }

  /** Keeps the data of a server that is stopped; nothing where that has been done. */
  keep(snapshot: Snapshot, databaseDirectory: string): void {
    const directory = this.directoryOf(snapshot);
    const kept = join(directory, DATABASE);
    // What stands there since is not the data that was to be kept.
    if (existsSync(kept)) return;
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, DESCRIPTION), JSON.stringify(snapshot, undefined, 2));
    renameSync(databaseDirectory, kept);
  }
}
