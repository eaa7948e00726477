import { canaryOf, sing } from '../failover';
import { createAnnouncer } from '../members';
import { Publisher } from '../sync';
import { closeDomains, openDomains } from './domains';
import { openArbiter, openCache, openShards, openSwitches } from './environment';
import { defineFunction } from './function';

/** Goes the way of a fallback for the test member of each unit whose writer stands in this region, while the unit is well. */
export const { handler, close } = defineFunction((environment) => {
  const { config, clock, log } = environment;
  const { region } = config;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const shards = openShards(environment, 1);
  const domains = openDomains(environment);
  const switches = openSwitches(environment, arbiter, cache);
  const publisher = new Publisher({ endpoints: config.endpoints, clock, log });
  const announcer = createAnnouncer({ region, cache, publisher, log });
  const parts = { arbiter, cache, shards, domains, announcer, clock, log };

  return {
    async handler(): Promise<void> {
      const { units } = await switches.current();
      for (const [name, unit] of Object.entries(units)) {
        if (unit.writer !== region || unit.mode !== 'database') continue;
        await sing(parts, name, unit).catch((error: Error) =>
          log.error('the way of a fallback does not work', { unit: name, memberId: canaryOf(name), error }),
        );
      }
    },
    async close() {
      publisher.close();
      await Promise.all([cache.close(), shards.close(), closeDomains(domains)]);
      arbiter.close();
    },
  };
});
