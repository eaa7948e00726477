import { type FailoverMessage, readFailoverMessage } from '../failover';
import { consumeEach, DeadLetters, type QueueBatch } from '../sync';
import { openController } from './controller';
import { openArbiter, openCache, openSwitches } from './environment';
import { openEventSources } from './event-sources';
import { defineFunction } from './function';
import { openKeeper } from './keeper';
import { requestUnit } from './units';

/** What takes its time and is done step by step: turned switches, and whatever moves a unit. */
export const { handler, close } = defineFunction((environment) => {
  const { config, log } = environment;
  const { region, stage, endpoints } = config;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const switches = openSwitches(environment, arbiter, cache);
  const { keeper, ...kept } = openKeeper(environment, arbiter, switches, requestUnit);
  const sources = openEventSources(environment, arbiter);
  const controller = openController(environment, { arbiter, keeper, requestUnit });
  const deadLetters = new DeadLetters({ queue: `failover-${region}`, region, endpoints });

  async function act(message: FailoverMessage): Promise<void> {
    switch (message.kind) {
      case 'parameter':
        return turned(message.parameter, message.name);
      case 'look':
        return controller.look();
      default:
        throw new Error(`nobody acts on a message of kind ${message.kind} yet`);
    }
  }

  async function turned(parameter: string, name: string | undefined): Promise<void> {
    if (name === undefined) return log.warn('a parameter was changed that is no switch', { parameter });
    await keeper.look(name, region);
    if (name.startsWith('sync/')) await sources.follow();
  }

  return {
    handler: (batch: QueueBatch) =>
      consumeEach({ deadLetters, log }, batch, { read: (body) => readFailoverMessage(stage, body), act }),
    async close() {
      deadLetters.close();
      controller.close();
      kept.close();
      sources.close();
      await cache.close();
      arbiter.close();
    },
  };
});
