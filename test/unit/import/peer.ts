import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../../lambdas/core';
import { parseRegistration } from '../../../lambdas/members/schema';

export interface PeerRequest {
  readonly key: string;
  readonly apiKey: string | undefined;
  readonly body: string;
}

/** What goes wrong with a request before it is looked at, or after it was carried out. */
export type Trouble =
  | { readonly kind: 'status'; readonly status: number; readonly code: string; readonly retryAfterS?: number }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  | undefined;

export interface PeerOptions {
  readonly trouble?: (request: PeerRequest, number: number) => Trouble;
  /** How long a request takes. */
  readonly delayMs?: () => number;
}

interface Registered {
  readonly body: string;
  readonly name: string;
  readonly accounts: readonly string[];
}

/**
 * The API's side of an import: statuses, idempotency keys and accounts as the API promises them, over HTTP. It stands
 * for the network peer, whose troubles a real system won't make on demand.
 */
export class Peer {
  readonly members = new Map<string, Registered>();
  readonly requests: PeerRequest[] = [];
  inFlight = 0;
  mostInFlight = 0;
  readonly #holders = new Map<string, string>();
  readonly #underWay = new Set<string>();
  readonly #server: Server;
  readonly #options: PeerOptions;

  private constructor(options: PeerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => request.socket.destroy());
    });
  }

  static async start(options: PeerOptions = {}, port = 0): Promise<Peer> {
    const peer = new Peer(options);
    await new Promise<void>((resolve) => peer.#server.listen(port, '127.0.0.1', resolve));
    return peer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get names(): string[] {
    return [...this.members.values()].map(({ name }) => name).sort();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      const received = await readRequest(request);
      this.requests.push(received);
      const trouble = this.#options.trouble?.(received, this.requests.length);
      if (trouble?.kind === 'cut' && trouble.when === 'before') return void request.socket.destroy();
      if (trouble?.kind === 'status') return sendProblem(response, trouble.status, trouble.code, trouble.retryAfterS);
      if (request.url !== '/v1/other/members') return sendProblem(response, 404, 'NO_SUCH_ROUTE');
      await this.#register(received, response, trouble);
    } finally {
      this.inFlight -= 1;
    }
  }

  async #register(received: PeerRequest, response: ServerResponse, trouble: Trouble): Promise<void> {
    const { key, body } = received;
    if (this.#underWay.has(key)) return sendProblem(response, 409, 'IDEMPOTENCY_IN_PROGRESS', 0);
    this.#underWay.add(key);
    try {
      const delayMs = this.#options.delayMs?.() ?? 0;
      if (delayMs > 0) await sleep(delayMs);
      const outcome = this.#decide(key, body);
      if (trouble?.kind === 'cut') return void response.socket?.destroy();
      if (outcome instanceof Problem) return sendProblem(response, outcome.status, outcome.code, undefined, outcome);
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ memberId: '1' }));
    } finally {
      this.#underWay.delete(key);
    }
  }

  #decide(key: string, body: string): Problem | undefined {
    const before = this.members.get(key);
    if (before !== undefined) return before.body === body ? undefined : new Problem('IDEMPOTENCY_MISMATCH');
    try {
      const { profile, accounts } = parseRegistration(JSON.parse(body), Date.now());
      const claims = accounts.map(({ platform, account }) => `${platform}:${account}`);
      if (claims.some((claim) => this.#holders.has(claim))) return new Problem('ACCOUNT_BOUND');
      for (const claim of claims) this.#holders.set(claim, key);
      this.members.set(key, { body, name: profile.name, accounts: claims });
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }
}

async function readRequest(request: IncomingMessage): Promise<PeerRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { 'idempotency-key': key, 'x-api-key': apiKey } = request.headers;
  return { key: String(key), apiKey: apiKey?.toString(), body: Buffer.concat(chunks).toString('utf8') };
}

function sendProblem(
  response: ServerResponse,
  status: number,
  code: string,
  retryAfterS?: number,
  problem?: Problem,
): void {
  const retry = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
  response.writeHead(status, { 'content-type': 'application/problem+json', ...retry });
  response.end(JSON.stringify({ type: 'about:blank', title: code, status, code, errors: problem?.details.errors }));
}
