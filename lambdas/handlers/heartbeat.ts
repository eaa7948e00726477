import { beat, type KnownUnit, probe } from '../failover';
import { closeDomains, openDomains } from './domains';
import { openArbiter, openCache, openShards, openSwitches } from './environment';
import { openFailoverQueue } from './failover-queue';
import { defineFunction } from './function';
import { Rounds } from './rounds';

/** A schedule starts once a minute at best, so each run beats for longer than three of them. */
const RHYTHM = { everyMs: 3000, forMs: 190_000 };

/**
 * Renews leases, replays what a cache missed, lays the snapshot of the switches into both caches, and reports what is
 * reached from here, for the controller to look at.
 */
export const { handler, stop, close } = defineFunction((environment) => {
  const { config, clock, log } = environment;
  const { region } = config;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const shards = openShards(environment, 2);
  const switches = openSwitches(environment, arbiter, cache);
  const domains = openDomains(environment);
  const controller = openFailoverQueue(environment);
  const rounds = new Rounds({ clock, log });

  async function round(): Promise<void> {
    const steps = await Promise.allSettled([
      knownUnits().then((known) => Promise.all([beat({ arbiter, shards, region, log }, known), announce(known)])),
      cache.replayUnfenced(),
      switches.publish(),
      report(),
    ]);
    for (const step of steps) {
      if (step.status === 'rejected') log.warn('a step of the heartbeat failed', { error: step.reason as Error });
    }
  }

  /** A controller looks where its region's heartbeats reach the arbiter, and nowhere else: they say so for it. */
  async function report(): Promise<void> {
    const reach = await probe({ cache, shards, domains, region });
    try {
      await arbiter.observations.report(region, reach);
    } catch (error) {
      await cache.noteArbiter('lost').catch(() => undefined);
      throw error;
    }
    await Promise.allSettled([cache.noteArbiter('seen')]);
    await controller.tell({ kind: 'look' });
  }

  /** Caches that began anew have forgotten which epochs there are, and would let units be held by hand under older ones. */
  async function announce(known: readonly (KnownUnit & { epoch: number })[]): Promise<void> {
    await Promise.all(known.map(({ unit, epoch }) => cache.announceMove(unit, epoch)));
  }

  /** None, before this environment has ever heard of any. */
  async function knownUnits(): Promise<(KnownUnit & { epoch: number })[]> {
    try {
      const { units } = await switches.current();
      return Object.entries(units).map(([unit, { epoch, writer, mode }]) => ({ unit, epoch, writer, mode }));
    } catch {
      return [];
    }
  }

  return {
    handler: () => rounds.run(RHYTHM, round),
    stop: () => rounds.stop(),
    async close() {
      controller.close();
      await Promise.all([cache.close(), shards.close(), closeDomains(domains)]);
      arbiter.close();
    },
  };
});
