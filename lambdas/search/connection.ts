import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3';
import Connection from '@opensearch-project/opensearch/lib/Connection.js';
import { ConnectionPool } from '@opensearch-project/opensearch/lib/pool/index.js';
import type Serializer from '@opensearch-project/opensearch/lib/Serializer.js';
import Transport from '@opensearch-project/opensearch/lib/Transport.js';
import { unavailable } from '../core';
import { RetryBudget } from '../resilience';
import { errorType } from './answers';

export interface DomainRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Absolute, with every variable segment percent-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** A JSON value, or lines of JSON where `lines` says so. */
  readonly body?: string;
  readonly lines?: boolean;
}

export interface DomainAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** How requests are signed: with the credentials of the function's role. */
export interface Signing {
  readonly service: 'es';
  /** AWS region of the domain. */
  readonly region: string;
}

/** Statuses that say something about the request; every other failure says something about the domain. */
const ANSWERS = [400, 404, 409, 413];
/** What a kept-alive socket says that was closed by the other side while this process was frozen. */
const STALE_SOCKET = /ECONNRESET|EPIPE|socket hang up/;

/** The client's own serializer brings a second JSON parser, for numbers that are longer than any of ours. */
const JSON_SERIALIZER: Serializer = {
  serialize: (value) => JSON.stringify(value),
  deserialize: (text) => JSON.parse(text),
  ndserialize: (values) => values.map((value) => `${JSON.stringify(value)}\n`).join(''),
  qserialize: (query) => new URLSearchParams(query).toString(),
};

/**
 * The wire to one domain: the client's transport without its thousand methods, which would weigh more than the rest of
 * a function. It marks no node dead and repeats only what a stale socket lost: the rest is for the breaker of who calls.
 */
export class DomainConnection {
  readonly #name: string;
  readonly #pool: ConnectionPool;
  readonly #transport: Transport;
  readonly #budget = new RetryBudget();

  /** @param signing undefined where requests are not signed */
  constructor(name: string, url: string, signing?: Signing) {
    const emit = () => true;
    const wire = signing === undefined ? { Connection, Transport } : signed(signing);
    this.#name = name;
    this.#pool = new ConnectionPool({ Connection: wire.Connection, emit, resurrectStrategy: 'none' });
    this.#pool.addConnection(url);
    this.#transport = new wire.Transport({
      emit,
      connectionPool: this.#pool,
      serializer: JSON_SERIALIZER,
      maxRetries: 0,
      requestTimeout: 0,
      sniffEndpoint: '',
    });
  }

  /** @throws Problem UNAVAILABLE if the domain did not answer before the signal, or could not serve the request */
  async send(request: DomainRequest, signal: AbortSignal): Promise<DomainAnswer> {
    this.#budget.deposit();
    try {
      return await this.#exchange(request, signal);
    } catch (error) {
      // Everything this room sends may be sent twice: writes carry their version.
      if (signal.aborted || !isStaleSocket(error) || !this.#budget.withdraw()) throw this.#fault(error, signal);
    }
    try {
      return await this.#exchange(request, signal);
    } catch (error) {
      throw this.#fault(error, signal);
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#pool.empty(resolve));
  }

  #exchange({ method, path, query, body, lines }: DomainRequest, signal: AbortSignal): Promise<DomainAnswer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new Error('out of time'));
      const content = body === undefined ? {} : lines === true ? { bulkBody: body } : { body };
      const exchange = this.#transport.request(
        { method, path, ...(query === undefined ? {} : { querystring: { ...query } }), ...content },
        { ignore: ANSWERS },
      );
      // The transport bounds silence, not an exchange: an answer that drips would be waited for.
      const giveUp = () => {
        exchange.abort();
        reject(new Error('out of time'));
      };
      signal.addEventListener('abort', giveUp, { once: true });
      exchange
        .then(({ statusCode, body: answered }) => resolve({ status: statusCode ?? 0, body: answered }), reject)
        .finally(() => signal.removeEventListener('abort', giveUp));
    });
  }

  #fault(error: unknown, signal: AbortSignal) {
    if (signal.aborted) return unavailable(`search domain ${this.#name} did not answer in time`);
    return unavailable(`search domain ${this.#name} did not answer`, describe(error));
  }
}

function signed(signing: Signing) {
  return AwsSigv4Signer({ ...signing, getCredentials: defaultProvider() });
}

function isStaleSocket(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConnectionError' && STALE_SOCKET.test(error.message);
}

/** The client's errors carry the request and the answer, and so personal data: what is kept of them is how it failed. */
function describe(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('an unknown failure');
  if (error.name === 'ConnectionError') return new Error(error.message);
  const { statusCode, body } = error as { statusCode?: number; body?: unknown };
  return new Error(statusCode === undefined ? error.name : `status ${statusCode}: ${errorType(body)}`);
}
