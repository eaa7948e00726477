import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ClusterRecord } from './record';

/** The records of all clusters in one file, which is replaced as a whole at every change. */
export class Records {
  readonly #path: string;
  readonly #records: Map<string, ClusterRecord>;

  /** @param founding the records of clusters that the file does not know */
  constructor(path: string, founding: readonly ClusterRecord[]) {
    this.#path = path;
    const kept = readKept(path);
    this.#records = new Map(
      founding.map((record) => [record.cluster, kept.find(({ cluster }) => cluster === record.cluster) ?? record]),
    );
  }

  get all(): readonly ClusterRecord[] {
    return [...this.#records.values()];
  }

  /** @throws Error for a cluster that does not exist */
  of(cluster: string): ClusterRecord {
    const record = this.#records.get(cluster);
    if (record === undefined) throw new Error(`There is no cluster ${cluster}`);
    return record;
  }

  /** On disk before anyone acts by it. */
  put(record: ClusterRecord): void {
    this.#records.set(record.cluster, record);
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.all, undefined, 2));
    renameSync(`${this.#path}.new`, this.#path);
  }
}

function readKept(path: string): readonly ClusterRecord[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ClusterRecord[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
