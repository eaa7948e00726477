import type { Arbiter } from '../arbiter';
import type { Cache } from '../cache';
import { createDrain, createReplay } from '../failover';
import { createAnnouncer } from '../members';
import type { Shards } from '../shards';
import { Publisher } from '../sync';
import type { Domains } from './domains';
import type { Environment } from './environment';

interface ReplayRooms {
  readonly arbiter: Arbiter;
  readonly cache: Cache;
  readonly shards: Shards;
  readonly domains: Domains;
}

/** What brings together what a lost writer and a fallback have left behind, and what has to be closed with it. */
export function openReplay({ config, clock, log }: Environment, rooms: ReplayRooms) {
  const { region, endpoints } = config;
  const publisher = new Publisher({ endpoints, clock, log });
  const announcer = createAnnouncer({ region, cache: rooms.cache, publisher, log });
  return {
    announcer,
    drain: createDrain({ ...rooms, announcer, clock, log }),
    replay: createReplay({ ...rooms, announcer, clock, log }),
    close: () => publisher.close(),
  };
}
