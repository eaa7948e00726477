import { openArbiter, openCache, openSwitches } from './environment';
import { openEventSources } from './event-sources';
import { defineFunction } from './function';
import { openKeeper } from './keeper';
import { Rounds } from './rounds';
import { openUnits } from './units';

const RHYTHM = { everyMs: 10_000, forMs: 55_000 };

/** Compares this region's parameters and event sources with what was decided, and puts right what differs. */
export const { handler, stop, close } = defineFunction((environment) => {
  const { config, clock, log } = environment;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const switches = openSwitches(environment, arbiter, cache);
  const units = openUnits(environment, arbiter);
  const { keeper, ...kept } = openKeeper(environment, arbiter, switches, units.requestUnit);
  const sources = openEventSources(environment, arbiter);
  const rounds = new Rounds({ clock, log });

  async function round(): Promise<void> {
    const steps = [keeper.check(config.region), keeper.followUnits(), sources.follow()];
    for (const step of await Promise.allSettled(steps)) {
      if (step.status === 'rejected')
        log.warn('what was decided could not be compared', { error: step.reason as Error });
    }
  }

  return {
    handler: () => rounds.run(RHYTHM, round),
    stop: () => rounds.stop(),
    async close() {
      kept.close();
      sources.close();
      await units.close();
      await cache.close();
      arbiter.close();
    },
  };
});
