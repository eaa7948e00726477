/** The way to every AWS API on one machine: one port that routes by the signed region and service. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Log } from '../../lambdas/core';
import { FUNCTIONS, type FunctionDefinition, REGIONS, type Region } from '../../topology';
import type { FrontConfig } from '../system/process-config';
import { AwsFailure, asAwsFailure, writeAwsFailure } from './aws-error';
import { createDestinations, type Destination, type Destinations } from './destinations';
import { readWhole } from './exchange';
import { callParameters, type ParameterRoute } from './parameters';
import { passThrough } from './pass-through';
import { QueueClient } from './queue-client';
import { isReceive, passReceive } from './receives';
import { signedScope } from './scope';
import { createTopics } from './topic';
import { answerTopicCall } from './topic-protocol';

const HEALTH_PATH = '/_front/health';

/** A running front. */
export interface Front {
  readonly server: Server;
  /** Stops accepting and delivering; what was accepted stands in the queues. */
  stop(): Promise<void>;
}

/**
 * @param functions decide whether a region's changes of parameters are announced: only if one consumes them
 * @throws Error if the port is taken
 */
export async function startFront(
  config: FrontConfig,
  log: Log,
  functions: readonly FunctionDefinition[] = FUNCTIONS,
): Promise<Front> {
  const topics = createTopics(config, log);
  const parameterRoutes = { A: parameterRoute(config, 'A', functions), B: parameterRoute(config, 'B', functions) };

  const act = async (request: IncomingMessage, response: ServerResponse, destination: Destination) => {
    if (destination.kind === 'topic') {
      const body = await readWhole(request);
      writeXml(response, await answerTopicCall(topics[destination.region], body.toString('utf8')));
    } else if (destination.kind === 'parameters') {
      await callParameters(request, response, parameterRoutes[destination.region], log);
    } else if (isReceive(request)) {
      await passReceive(request, response, destination.url, destination.what);
    } else {
      passThrough(request, response, destination.url, destination.what);
    }
  };

  const serve = async (port: number, destinationOf: Destinations): Promise<Server> => {
    const server = createServer({ keepAliveTimeout: 65_000, noDelay: true }, (request, response) => {
      if (request.url === HEALTH_PATH) {
        response.end('{"status":"up"}');
        return;
      }
      const fail = (error: unknown) => {
        const failure = asAwsFailure(error);
        if (failure.code === 'InternalFailure') log.error('call failed', { error: failure });
        writeAwsFailure(request, response, failure);
      };
      try {
        act(request, response, destinationOf(scopeOf(request), request.url ?? '/')).catch(fail);
      } catch (error) {
        fail(error);
      }
    });
    await listen(server, port);
    return server;
  };
  const server = await serve(config.port, createDestinations(config));
  const entries = await Promise.all(
    REGIONS.flatMap((region) => {
      const entry = config.entries?.[region];
      return entry === undefined ? [] : [serve(entry.port, createDestinations(config, region))];
    }),
  );
  topics.A.start();
  topics.B.start();
  return {
    server,
    stop: async () => {
      const servers = [server, ...entries];
      const closed = Promise.all(servers.map((one) => new Promise<void>((resolve) => one.close(() => resolve()))));
      await Promise.all([topics.A.stop(), topics.B.stop()]);
      for (const one of servers) one.closeAllConnections();
      await closed;
    },
  };
}

function scopeOf(request: IncomingMessage) {
  const scope = signedScope(request.headers.authorization, request.url ?? '/');
  if (scope !== undefined) return scope;
  throw new AwsFailure(403, 'MissingAuthenticationToken', 'The request is not signed for a region and a service');
}

function parameterRoute(config: FrontConfig, region: Region, functions: readonly FunctionDefinition[]): ParameterRoute {
  const { ssm, sqs, awsRegion } = config.regions[region];
  const { accountId } = config;
  const queue = `failover-${region}`;
  const consumed = functions.some(({ trigger }) => trigger.kind === 'queue' && trigger.queue === queue);
  return {
    url: new URL(ssm),
    what: `The Parameter Store in ${awsRegion}`,
    awsRegion,
    accountId,
    events: consumed ? { client: new QueueClient(sqs, accountId, awsRegion), queue } : undefined,
  };
}

function writeXml(response: ServerResponse, body: string): void {
  if (response.destroyed) return;
  response.writeHead(200, { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
