import { Publisher, relay } from '../sync';
import { openArbiter, openCache, openShards, openSwitches } from './environment';
import { defineFunction } from './function';
import { Rounds } from './rounds';

const RHYTHM = { everyMs: 5000, forMs: 55_000 };

/** Publishes again what was committed and has not been seen to arrive, for units whose writer stands here. */
export const { handler, stop, close } = defineFunction((environment) => {
  const { config, clock, log } = environment;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const shards = openShards(environment, 2);
  const switches = openSwitches(environment, arbiter, cache);
  const publisher = new Publisher({ endpoints: config.endpoints, clock, log });
  const rounds = new Rounds({ clock, log });
  const { region } = config;

  async function round(): Promise<void> {
    const { units } = await switches.current();
    for (const [name, { writer }] of Object.entries(units)) {
      if (writer !== region) continue;
      const accepted = await relay({ outbox: shards.outbox, publisher, region, log }, { name, writer });
      if (accepted > 0) log.info('events were published again', { unit: name, events: accepted });
    }
  }

  return {
    handler: () => rounds.run(RHYTHM, round),
    stop: () => rounds.stop(),
    async close() {
      publisher.close();
      await Promise.all([cache.close(), shards.close()]);
      arbiter.close();
    },
  };
});
