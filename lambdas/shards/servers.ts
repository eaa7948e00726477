import type { Region } from '../../topology';
import type { Account, Clock, Endpoints } from '../core';
import { Server } from './server';

export interface ServersOptions {
  readonly endpoints: Endpoints['databases'];
  readonly secrets: Account;
  /** Most connections to each server. */
  readonly connections: number;
  readonly clock: Clock;
}

/** Every database server by cluster and region; connected to when first asked. */
export class Servers {
  readonly #endpoints: Endpoints['databases'];
  readonly #secrets: Account;
  readonly #connections: number;
  readonly #clock: Clock;
  readonly #servers = new Map<string, Server>();

  constructor(options: ServersOptions) {
    this.#endpoints = options.endpoints;
    this.#secrets = options.secrets;
    this.#connections = options.connections;
    this.#clock = options.clock;
  }

  /** @throws Error if the configuration names no such cluster */
  at(cluster: string, region: Region): Server {
    const name = `${cluster}-${region}`;
    const known = this.#servers.get(name);
    if (known !== undefined) return known;
    const address = this.#endpoints[cluster]?.[region];
    if (address === undefined) throw new Error(`the configuration has no address for cluster ${cluster} in ${region}`);
    const server = new Server({ name, ...address, ...this.#secrets, connections: this.#connections }, this.#clock);
    this.#servers.set(name, server);
    return server;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
    this.#servers.clear();
  }
}
