import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Metrics } from '../../../lambdas/core';
import { Listener } from '../../../local/gateway/listener';
import { createRouter } from '../../../local/gateway/routes';
import type { FunctionDefinition } from '../../../topology';
import { TRAFFIC_CLASSES } from '../../../topology';
import { apiFunction, type Handler, invokerOf, keptLog } from './hosted';

/** Starts listeners for the tests of a file, and ends each after its test. */
export function startsListening(): typeof listening {
  let open: Listener[] = [];
  afterEach(async () => {
    for (const listener of open) {
      listener.server.closeAllConnections();
      await listener.drain();
    }
    open = [];
  });
  return async (...parameters) => {
    const started = await listening(...parameters);
    open.push(started.listener);
    return started;
  };
}

/** A listener whose three functions are one handler. */
async function listening(handler: Handler, overrides: Partial<FunctionDefinition> = {}) {
  const log = keptLog();
  const refusals: unknown[] = [];
  const metrics: Metrics = { count: (...counted) => refusals.push(counted), time: () => undefined };
  const invokers = TRAFFIC_CLASSES.map((name) => invokerOf(apiFunction(name, overrides), handler));
  const listener = new Listener(
    createRouter(invokers, () => metrics),
    log,
  );
  await listener.listen(0);
  const { port } = listener.server.address() as AddressInfo;
  return { listener, log, refusals, port, url: `http://127.0.0.1:${port}` };
}

export interface HttpResult {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request by a client that normalises nothing. */
export function send(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string | string[]>; body?: Buffer | string } = {},
): Promise<HttpResult> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Everything that comes back for raw bytes, until the server closes. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('utf8');
}

export function problemOf(text: string) {
  return JSON.parse(text) as { code: string; status: number; traceId: string; title: string; type: string };
}
