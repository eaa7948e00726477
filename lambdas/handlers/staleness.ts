import { CacheCensus } from '../cache';
import { StalenessWatch } from '../failover';
import { closeDomains, openDomains } from './domains';
import { openArbiter, openShards } from './environment';
import { defineFunction } from './function';

const RUNS_MS = 55_000;

/** Compares the copies of this region with the rows, all the time and a little at a time, and tells what is stale. */
export const { handler, stop, close } = defineFunction((environment) => {
  const { config, clock, log } = environment;
  const { region, endpoints, secrets } = config;
  const arbiter = openArbiter(environment);
  const shards = openShards(environment, 1);
  const domains = openDomains(environment);
  const census = new CacheCensus({ region, address: endpoints.caches[region], account: secrets.cache });
  const watch = new StalenessWatch({ region, decisions: arbiter.decisions, shards, domains, census, clock, log });

  return {
    handler: () => watch.run(RUNS_MS),
    stop: () => watch.stop(),
    async close() {
      census.close();
      await Promise.all([shards.close(), closeDomains(domains)]);
      arbiter.close();
    },
  };
});
