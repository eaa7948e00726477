import { createConnection } from 'mysql2/promise';
import type { Region } from '../../../topology';
import { ACCOUNTS, type TrialCluster } from './trial-cluster';

/** Rows written one after another over several connections, each kept in mind once it was acknowledged. */
export class Load {
  readonly acknowledged: number[] = [];
  readonly refused: string[] = [];
  #isRunning = true;
  readonly #writers: readonly Promise<void>[];

  constructor(trial: TrialCluster, region: Region, options: { readonly connections: number; readonly first: number }) {
    const { connections, first } = options;
    this.#writers = Array.from({ length: connections }, (_, index) =>
      this.#write(trial.servers[region].port, region, first + index, connections),
    );
  }

  /** Ends by itself at the first refusal of each connection. */
  async ended(): Promise<void> {
    await Promise.all(this.#writers);
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.ended();
  }

  async #write(port: number, region: Region, first: number, step: number): Promise<void> {
    const connection = await createConnection({ host: '127.0.0.1', port, ...ACCOUNTS.application });
    try {
      for (let id = first; this.#isRunning; id += step) {
        await connection.query('INSERT INTO trial.row VALUES (?, ?)', [id, region]);
        this.acknowledged.push(id);
      }
    } catch (error) {
      this.refused.push((error as { code?: string }).code ?? String(error));
    } finally {
      connection.destroy();
    }
  }
}
