import type { Region } from '../../topology';
import type { Account, Clock, Endpoints } from '../core';
import type { Watch } from '../resilience';
import { type Places, Server } from './server';

/** What is asked of a cluster in a region: to be its writer, or to answer reads as a copy of it. */
export type Role = 'writer' | 'replica';

export interface ServersOptions extends Watch {
  readonly endpoints: Endpoints['databases'];
  readonly secrets: Account;
  /** Most connections to each server. */
  readonly connections: number;
  readonly clock: Clock;
  /** Where requests wait for the answers; absent where consumers and schedules do. */
  readonly places?: Places | undefined;
}

/** Every database server by cluster and region; connected to when first asked. */
export class Servers {
  readonly #options: ServersOptions;
  readonly #servers = new Map<string, Server>();

  constructor(options: ServersOptions) {
    this.#options = options;
  }

  /**
   * Aurora has an address for each role, and only that of the role of now answers. So whoever takes a region for the
   * writer that is not any more reaches nothing that could take its write.
   * @throws Error if the configuration names no such cluster
   */
  at(cluster: string, region: Region, role: Role = 'writer'): Server {
    const { endpoints, secrets, connections, clock, log, metrics, places } = this.#options;
    const address = endpoints[cluster]?.[region];
    if (address === undefined) throw new Error(`the configuration has no address for cluster ${cluster} in ${region}`);
    const { reader, ...writer } = address;
    const isReader = role === 'replica' && reader !== undefined;
    const name = `${cluster}-${region}${isReader ? ' for reading' : ''}`;
    const known = this.#servers.get(name);
    if (known !== undefined) return known;
    const place = isReader ? { ...writer, host: reader } : writer;
    const server = new Server({ name, ...place, ...secrets, connections, log, metrics, places }, clock);
    this.#servers.set(name, server);
    return server;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
    this.#servers.clear();
  }
}
