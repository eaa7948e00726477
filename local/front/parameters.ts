import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../lambdas/core';
import { exchange, headersToPass, readWhole, writeExchange } from './exchange';
import { type ParameterChange, parameterChangeEvent, parameterChanges } from './parameter-change';
import type { QueueClient } from './queue-client';

export interface ParameterRoute {
  readonly url: URL;
  readonly what: string;
  readonly awsRegion: string;
  readonly accountId: string;
  /** Where change events go; undefined while nothing consumes them, since they would only pile up. */
  readonly events: { readonly client: QueueClient; readonly queue: string } | undefined;
}

const TIMEOUT_MS = 10_000;

/** Passes a call on to a Parameter Store, and tells of the changes that it made. @throws AwsFailure if it is down */
export async function callParameters(
  request: IncomingMessage,
  response: ServerResponse,
  route: ParameterRoute,
  log: Log,
): Promise<void> {
  const body = await readWhole(request);
  const answer = await exchange(route.url, {
    method: request.method ?? 'POST',
    path: request.url ?? '/',
    headers: headersToPass(request.headers),
    body,
    timeoutMs: TIMEOUT_MS,
    what: route.what,
  });
  // The caller has his answer before anyone is told, as with EventBridge.
  writeExchange(response, answer);
  if (answer.status === 200) {
    const target = String(request.headers['x-amz-target'] ?? '');
    await announce(parameterChanges({ target, request: body.toString(), answer: answer.body.toString() }), route, log);
  }
}

async function announce(changes: readonly ParameterChange[], route: ParameterRoute, log: Log): Promise<void> {
  const { events, awsRegion, accountId } = route;
  if (events === undefined || changes.length === 0) return;
  const messages = changes.map((change) => ({
    body: JSON.stringify(parameterChangeEvent(change, awsRegion, accountId, new Date())),
    attributes: {},
  }));
  // The change has happened: that its event is lost is logged, and found by whoever compares stores.
  await events.client.send(events.queue, messages).catch((error: unknown) => {
    log.warn('change event not sent', { queue: events.queue, error: error instanceof Error ? error : undefined });
  });
}
