import { beat, type KnownUnit } from '../failover';
import { openArbiter, openCache, openShards, openSwitches } from './environment';
import { defineFunction } from './function';
import { Rounds } from './rounds';

/** A schedule starts once a minute at best, so each run beats for longer than three of them. */
const RHYTHM = { everyMs: 3000, forMs: 190_000 };

/** Renews leases, replays what a cache missed, and lays the snapshot of the switches into both caches. */
export const { handler, stop, close } = defineFunction((environment) => {
  const { config, clock, log } = environment;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const shards = openShards(environment, 2);
  const switches = openSwitches(environment, arbiter, cache);
  const rounds = new Rounds({ clock, log });

  async function round(): Promise<void> {
    const steps = await Promise.allSettled([
      knownUnits().then((known) => beat({ arbiter, shards, region: config.region, log }, known)),
      cache.replayUnfenced(),
      switches.publish(),
    ]);
    for (const step of steps) {
      if (step.status === 'rejected') log.warn('a step of the heartbeat failed', { error: step.reason as Error });
    }
  }

  /** None, before this environment has ever heard of any. */
  async function knownUnits(): Promise<KnownUnit[]> {
    try {
      const { units } = await switches.current();
      return Object.entries(units).map(([unit, { writer }]) => ({ unit, writer }));
    } catch {
      return [];
    }
  }

  return {
    handler: () => rounds.run(RHYTHM, round),
    stop: () => rounds.stop(),
    async close() {
      await Promise.all([cache.close(), shards.close()]);
      arbiter.close();
    },
  };
});
