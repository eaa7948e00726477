import { DOMAINS } from '../../topology';
import type { MemberEvent } from '../core';
import { applyByEpoch, consume, DeadLetters, encodeBundle, type QueueBatch, WorkQueue } from '../sync';
import { openDomain } from './domains';
import { openArbiter, openCache, openShards, openSwitches } from './environment';
import { defineFunction } from './function';
import { measuringLag } from './lag';

/** Writes arrived events into one search domain; what a failover left behind is given to who brings it into its row. */
export const { handler, close } = defineFunction((environment) => {
  const { config, log } = environment;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const shards = openShards(environment, 2);
  const switches = openSwitches(environment, arbiter, cache);
  const target = targetOf(config.functionName);
  const domain = openDomain(environment, target.name);
  const { region, endpoints } = config;
  const deadLetters = new DeadLetters({ queue: target.queue, region, endpoints });
  const settling = new WorkQueue({ queue: `invalidate-${region}`, region, endpoints });
  const handOver = (event: MemberEvent) => settling.put(encodeBundle([event]));

  const apply = measuringLag(environment, (events) =>
    applyByEpoch({ switches, shards, handOver }, events, (applied) => domain.write(applied)),
  );

  return {
    handler: (batch: QueueBatch) => consume({ deadLetters, log }, batch, apply),
    async close() {
      deadLetters.close();
      settling.close();
      await Promise.all([cache.close(), shards.close(), domain.close()]);
      arbiter.close();
    },
  };
});

/** The function of a domain bears the name of its queue. */
function targetOf(functionName: string) {
  const found = Object.values(DOMAINS).find(({ queue }) => functionName.endsWith(queue));
  if (found === undefined) throw new Error(`no search domain has a queue that ${functionName} could consume`);
  return found;
}
