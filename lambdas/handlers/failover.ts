import { type FailoverMessage, readFailoverMessage } from '../failover';
import { consumeEach, DeadLetters, type QueueBatch } from '../sync';
import { openArbiter } from './environment';
import { defineFunction } from './function';

/** What takes its time and is done step by step: turned switches, and whatever moves a unit. */
export const { handler, close } = defineFunction((environment) => {
  const { config, log } = environment;
  const { region, stage, endpoints } = config;
  const arbiter = openArbiter(environment);
  const deadLetters = new DeadLetters({ queue: `failover-${region}`, region, endpoints });

  async function act(message: FailoverMessage): Promise<void> {
    switch (message.kind) {
      case 'parameter':
        return noteChange(message.parameter, message.name);
      default:
        throw new Error(`nobody acts on a message of kind ${message.kind} yet`);
    }
  }

  async function noteChange(parameter: string, name: string | undefined): Promise<void> {
    if (name === undefined) return log.warn('a parameter was changed that is no switch', { parameter });
    await arbiter.audit.append({
      subject: `switch/${name}`,
      actor: `the Parameter Store of region ${region}`,
      action: `told that ${name} was changed`,
      outcome: 'noted',
      reason: 'Nothing follows parameters yet.',
    });
  }

  return {
    handler: (batch: QueueBatch) =>
      consumeEach({ deadLetters, log }, batch, { read: (body) => readFailoverMessage(stage, body), act }),
    async close() {
      deadLetters.close();
      arbiter.close();
    },
  };
});
