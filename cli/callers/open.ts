import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Arbiter, createArbiter } from '../../lambdas/arbiter';
import { systemClock } from '../../lambdas/core';
import { openArbiter, SILENT } from '../arbiter';
import { putInto } from '../dead-letters';
import { readState } from '../state';

/** Where the registry of callers is reached: a local system by its directory, or a stage in AWS. */
export interface Where {
  readonly directory: string;
  readonly stage?: string | undefined;
  /** Of region A of the stage. */
  readonly awsRegion: string;
}

/** What the commands about callers work on. */
export interface CallerSystem {
  readonly arbiter: Arbiter;
  /** Has both regions go by a change at once; a heartbeat does the same within 3 s. */
  makeKnown(): Promise<void>;
  close(): void;
}

const PUBLISH = JSON.stringify({ kind: 'publish' });

/** @throws UsageError if no local system runs from the directory */
export async function openCallerSystem(where: Where): Promise<CallerSystem> {
  return where.stage === undefined ? openLocal(where.directory) : openStage(where.stage, where.awsRegion);
}

async function openLocal(directory: string): Promise<CallerSystem> {
  const state = await readState(directory);
  const arbiter = openArbiter(state);
  return {
    arbiter,
    // Either region tells both: whichever still can.
    makeKnown: async () => {
      await Promise.any(['failover-A', 'failover-B'].map((queue) => putInto(queue, state, PUBLISH)));
    },
    close: () => arbiter.close(),
  };
}

/** By the credentials of the environment, as the AWS CLI takes them. */
function openStage(stage: string, awsRegion: string): CallerSystem {
  const tablePrefix = `twinkeep-${stage}`;
  const arbiter = createArbiter({ region: 'A', awsRegion, tablePrefix, clock: systemClock, log: SILENT });
  const client = new SQSClient({ region: awsRegion });
  return {
    arbiter,
    makeKnown: async () => {
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: `${tablePrefix}-failover-A` }));
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: PUBLISH }));
    },
    close: () => {
      client.destroy();
      arbiter.close();
    },
  };
}
