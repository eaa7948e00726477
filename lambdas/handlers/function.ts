import { givenConfig, storedConfig } from '../configuration';
import { createLog } from '../core';
import type { GuardedRequest } from '../traffic';
import { type Environment, startEnvironment } from './environment';

/** What is read of what Lambda says beside the event. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
  /** Of a runtime that can give the place of whoever waits to somebody else; Lambda cannot. */
  readonly waiting?: GuardedRequest['waiting'];
}

/** A function whose rooms are open. */
export interface OpenFunction<Event, Answer> {
  handler(event: Event, invocation?: Invocation): Promise<Answer>;
  /** Ends what runs for long; asked for where a process of several functions is about to end. */
  stop?(): void;
  /** Closes what was opened, once no invocation is left. */
  close(): Promise<void>;
}

/** What a file in this folder exports. */
export interface FunctionExports<Event, Answer> {
  handler(event: Event, invocation?: Invocation): Promise<Answer>;
  stop(): void;
  close(): Promise<void>;
}

/**
 * A function of the topology. Where its configuration stands in the environment it opens while it is loaded. Where that is
 * stored it opens at the first invocation, because what waits for an answer before one may be frozen; an environment that
 * could not start tries again at the next.
 *
 * @param refuse answers an event of an environment that could not start; by default the error is thrown
 * @throws Error if the environment holds a configuration that is not valid
 */
export function defineFunction<Event, Answer>(
  open: (environment: Environment) => OpenFunction<Event, Answer>,
  refuse: (error: Error, event: Event) => Answer = rethrow,
): FunctionExports<Event, Answer> {
  const given = givenConfig();
  let opened = given === undefined ? undefined : openMeasured(open, startEnvironment(given));
  let opening: Promise<OpenFunction<Event, Answer>> | undefined;

  async function start(): Promise<OpenFunction<Event, Answer>> {
    try {
      opened = openMeasured(open, startEnvironment(await storedConfig()));
      return opened;
    } catch (error) {
      opening = undefined;
      tellOf(error as Error);
      throw error;
    }
  }

  function startAndHandle(event: Event, invocation: Invocation | undefined): Promise<Answer> {
    opening ??= start();
    return opening.then(
      (started) => started.handler(event, invocation),
      (error: Error) => refuse(error, event),
    );
  }

  return {
    handler: (event, invocation) =>
      opened === undefined ? startAndHandle(event, invocation) : opened.handler(event, invocation),
    stop: () => opened?.stop?.(),
    close: async () => opened?.close(),
  };
}

/** What was measured is written at the end of an invocation: after it the environment may be frozen. */
function openMeasured<Event, Answer>(
  open: (environment: Environment) => OpenFunction<Event, Answer>,
  environment: Environment,
): OpenFunction<Event, Answer> {
  const { metrics } = environment;
  const opened = open(environment);
  return {
    ...opened,
    async handler(event, invocation) {
      try {
        return await opened.handler(event, invocation);
      } finally {
        metrics.flushIfDue();
      }
    },
    async close() {
      await opened.close();
      metrics.close();
    },
  };
}

function tellOf(error: Error): void {
  const { TWINKEEP_FUNCTION: functionName = '', TWINKEEP_REGION: region = '' } = process.env;
  createLog({ functionName, region }).error('the function could not start', { error });
}

function rethrow(error: Error): never {
  throw error;
}
