import type { Arbiter } from '../arbiter';
import type { Cache } from '../cache';
import { createReplay } from '../failover';
import { createAnnouncer } from '../members';
import type { Shards } from '../shards';
import { Publisher } from '../sync';
import { openDomains } from './domains';
import type { Environment } from './environment';

/** What brings together what a lost writer has left behind, and what has to be closed with it. */
export function openReplay(environment: Environment, rooms: { arbiter: Arbiter; cache: Cache; shards: Shards }) {
  const { config, clock, log } = environment;
  const { region, endpoints } = config;
  const domains = openDomains(environment);
  const publisher = new Publisher({ endpoints, clock, log });
  const announcer = createAnnouncer({ region, cache: rooms.cache, publisher, log });
  return {
    replay: createReplay({ ...rooms, domains, announcer, clock, log }),
    async close() {
      publisher.close();
      await Promise.all(Object.values(domains).map((domain) => domain.close()));
    },
  };
}
