import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createDomain, type Domain, type DomainOptions } from '../../../lambdas/search';
import { INDICES } from '../../../lambdas/search/indices';
import { CONTACT_KEY, silent } from './domains';

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server in the place of the engine, for what the engine does not do on demand. */
export async function standIn(answer: Answer, options: Partial<DomainOptions> = {}) {
  const paths: string[] = [];
  const methods: string[] = [];
  const server = createServer(async (request, response) => {
    paths.push(request.url ?? '');
    methods.push(request.method ?? '');
    const body = await text(request);
    if (request.url?.endsWith('/_mapping')) json(response, 200, mappings());
    else answer(request, response, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const domain = domainAt(port, options);
  return {
    domain,
    paths,
    /** Of the request to each path. */
    methods,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await domain.close();
    },
  };
}

export function domainAt(port: number, options: Partial<DomainOptions> = {}): Domain {
  const url = `http://127.0.0.1:${port}`;
  return createDomain({ name: 'order', url, holds: 'whole', contactKey: CONTACT_KEY, log: silent, ...options });
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function mappings() {
  return Object.fromEntries(INDICES.map(({ name, mapping }) => [name, { mappings: mapping }]));
}

/** A port that was free a moment ago. */
export async function portOfNobody(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
