import { applyArrivals, Claims, tidiesHere } from '../members';
import { applyByEpoch, type BatchResponse, consume, DeadLetters, type QueueBatch } from '../sync';
import { openArbiter, openCache, openShards, openSwitches, startEnvironment } from './environment';

const environment = startEnvironment();
const { config, clock, log } = environment;
const arbiter = openArbiter(environment);
const cache = openCache(environment);
const shards = openShards(environment, 4);
const switches = openSwitches(environment, arbiter, cache);
const claims = new Claims({ arbiter, shards, switches, clock });
const deadLetters = new DeadLetters({
  queue: `invalidate-${config.region}`,
  region: config.region,
  endpoints: config.endpoints,
});

/**
 * Fences this region's cache by arrived events. Where the writer of their unit stands, it also tidies: claims are
 * turned or freed, and the outbox forgets what has arrived.
 */
export function handler(batch: QueueBatch): Promise<BatchResponse> {
  return consume({ deadLetters, log }, batch, async (events) => {
    const { region } = config;
    const outcomes = await applyByEpoch({ switches, shards }, events, async (applied) =>
      applyArrivals({ region, cache, claims }, applied, await switches.current()),
    );
    const snapshot = await switches.current();
    const arrived = events.filter((event, index) => {
      const outcome = outcomes[index];
      return outcome !== undefined && (outcome.ok || !outcome.retriable) && tidiesHere(event, snapshot, region);
    });
    if (arrived.length > 0) await shards.outbox.deleteArrived(arrived, region);
    return outcomes;
  });
}

export async function close(): Promise<void> {
  deadLetters.close();
  await Promise.all([cache.close(), shards.close()]);
  arbiter.close();
}
