import { type FailoverMessage, readFailoverMessage } from '../failover';
import { consumeEach, DeadLetters, type QueueBatch } from '../sync';
import { announceOf } from './announce';
import { openController } from './controller';
import { closeDomains, openDomains } from './domains';
import { openArbiter, openCache, openSwitches } from './environment';
import { openEventSources } from './event-sources';
import { openFailoverQueue } from './failover-queue';
import { defineFunction } from './function';
import { openKeeper } from './keeper';
import { openReadmission } from './readmission';
import { openReplay } from './replay';
import { openUnits } from './units';

/**
 * A replay asks the region's cache what was under way, placement by placement; one late answer must not make all of it
 * unknown. The other region's may be lost, and is waited for as by a request.
 */
const CACHE_TIMEOUTS_MS = { local: 1000, other: 150 };

/** What takes its time and is done step by step: turned switches, and whatever moves a unit. */
export const { handler, stop, close } = defineFunction((environment) => {
  const { config, log } = environment;
  const { region, stage, endpoints } = config;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment, CACHE_TIMEOUTS_MS);
  const switches = openSwitches(environment, arbiter, cache);
  const domains = openDomains(environment);
  const queue = openFailoverQueue(environment);
  const units = openUnits(environment, arbiter);
  const { keeper, ...kept } = openKeeper(environment, arbiter, switches, units.requestUnit);
  const { drain, replay, announcer, ...replaying } = openReplay(environment, {
    arbiter,
    cache,
    shards: units.shards,
    domains,
  });
  const sources = openEventSources(environment, arbiter);
  const look = openController(environment, { arbiter, keeper, queue, moveUnit: units.moveUnit });
  const readmission = openReadmission(environment, { arbiter, cache, announcer, keeper, domains, queue });
  const deadLetters = new DeadLetters({ queue: `failover-${region}`, region, endpoints });

  async function act(message: FailoverMessage): Promise<void> {
    switch (message.kind) {
      case 'parameter':
        return turned(message.parameter, message.name);
      case 'advance':
        return units.advance(message.unit, { announce, announceMove: cache.announceMove, drain, replay });
      case 'publish':
        return switches.publish();
      case 'look':
        return look();
      case 'readmit':
        return readmission.bring(message.domain);
    }
  }

  async function turned(parameter: string, name: string | undefined): Promise<void> {
    if (name === undefined) return log.warn('a parameter was changed that is no switch', { parameter });
    await keeper.look(name, region);
    if (name.startsWith('sync/')) await sources.follow();
  }

  const announce = announceOf({ publish: () => switches.publish(), keeper, log });

  return {
    stop: () => units.stop(),
    handler: (batch: QueueBatch) =>
      consumeEach({ deadLetters, log }, batch, { read: (body) => readFailoverMessage(stage, body), act }),
    async close() {
      deadLetters.close();
      queue.close();
      replaying.close();
      kept.close();
      sources.close();
      await Promise.all([units.close(), readmission.close(), closeDomains(domains)]);
      await cache.close();
      arbiter.close();
    },
  };
});
