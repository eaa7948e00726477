import { Publisher, relay } from '../sync';
import { openArbiter, openCache, openShards, openSwitches, startEnvironment } from './environment';
import { Rounds } from './rounds';

const environment = startEnvironment();
const { config, clock, log } = environment;
const arbiter = openArbiter(environment);
const cache = openCache(environment);
const shards = openShards(environment, 2);
const switches = openSwitches(environment, arbiter, cache);
const publisher = new Publisher({ endpoints: config.endpoints, clock, log });
const rounds = new Rounds({ clock, log });

const RHYTHM = { everyMs: 5000, forMs: 55_000 };

/** Publishes again what was committed and has not been seen to arrive, for units whose writer stands here. */
export async function handler(): Promise<void> {
  await rounds.run(RHYTHM, async () => {
    const { units } = await switches.current();
    for (const [name, { writer }] of Object.entries(units)) {
      if (writer !== config.region) continue;
      const accepted = await relay({ outbox: shards.outbox, publisher, region: config.region, log }, { name, writer });
      if (accepted > 0) log.info('events were published again', { unit: name, events: accepted });
    }
  });
}

export function stop(): void {
  rounds.stop();
}

export async function close(): Promise<void> {
  publisher.close();
  await Promise.all([cache.close(), shards.close()]);
  arbiter.close();
}
