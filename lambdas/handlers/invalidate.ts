import type { MemberEvent } from '../core';
import { reconcileEvent } from '../failover';
import { applyArrivals, Claims, createAnnouncer, tidiesHere } from '../members';
import { applyByEpoch, consume, DeadLetters, Publisher, type QueueBatch } from '../sync';
import { openArbiter, openCache, openShards, openSwitches } from './environment';
import { defineFunction } from './function';
import { measuringLag } from './lag';

/**
 * Fences this region's cache by arrived events, and brings into their rows what a failover left behind. Where the writer of
 * their unit stands, it also tidies: claims are turned or freed, and the outbox forgets what has arrived.
 */
export const { handler, close } = defineFunction((environment) => {
  const { config, clock, log } = environment;
  const { region, endpoints } = config;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const shards = openShards(environment, 4);
  const switches = openSwitches(environment, arbiter, cache);
  const claims = new Claims({ arbiter, shards, switches, clock });
  const deadLetters = new DeadLetters({ queue: `invalidate-${region}`, region, endpoints });
  const publisher = new Publisher({ endpoints, clock, log });
  const announcer = createAnnouncer({ region, cache, publisher, log });
  const settle = reconcileEvent({ arbiter, cache, shards, announcer, clock, log });

  async function apply(events: readonly MemberEvent[]) {
    const outcomes = await applyByEpoch({ switches, shards, settle }, events, async (applied) =>
      applyArrivals({ region, cache, claims }, applied, await switches.current()),
    );
    const snapshot = await switches.current();
    const arrived = events.filter((event, index) => {
      const outcome = outcomes[index];
      return outcome !== undefined && (outcome.ok || !outcome.retriable) && tidiesHere(event, snapshot, region);
    });
    if (arrived.length > 0) await shards.outbox.deleteArrived(arrived, region);
    return outcomes;
  }

  return {
    handler: (batch: QueueBatch) => consume({ deadLetters, log }, batch, measuringLag(environment, apply)),
    async close() {
      deadLetters.close();
      publisher.close();
      await Promise.all([cache.close(), shards.close()]);
      arbiter.close();
    },
  };
});
