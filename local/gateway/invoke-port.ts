import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Log } from '../../lambdas/core';
import type { EventSources } from './event-sources';
import { ConcurrencyExceeded, InvocationTimeout, type Invoker } from './invoker';

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?|$)/;
const MAPPINGS = /^\/2015-03-31\/event-source-mappings\/?(?<uuid>[^/?]*)(?:\?|$)/;
/** Lambda's own bound of a synchronous event. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

/** What a caller of the Lambda Invoke API gets: `header` fields beside the JSON `body`. */
interface Outcome {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function refusal(status: number, type: string, message: string): Outcome {
  return { status, headers: { 'x-amzn-errortype': type }, body: { Type: 'User', Message: message } };
}

function unhandled(error: unknown): Outcome {
  const { name, message, stack } =
    error instanceof Error ? error : { name: 'Error', message: 'Not an error was thrown', stack: '' };
  return {
    status: 200,
    headers: { 'x-amz-function-error': 'Unhandled' },
    body: {
      errorType: error instanceof InvocationTimeout ? 'Sandbox.Timedout' : name,
      errorMessage: message,
      trace: (stack ?? '').split('\n'),
    },
  };
}

async function readEvent(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_EVENT_BYTES) throw new RangeError('The event is too large');
    chunks.push(chunk);
  }
  return bytes === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/** `name`, `name:$LATEST` or an ARN that ends in one of them. */
export function functionNameOf(reference: string): string {
  const parts = decodeURIComponent(reference).split(':');
  return (parts[0] === 'arn' ? parts[6] : parts[0]) ?? '';
}

/** The Lambda API over the functions of this process, as far as they call it, and `GET /ready`. */
export class InvokePort {
  readonly server: Server;
  readonly #log: Log;
  readonly #sources: EventSources;
  #invokers: ReadonlyMap<string, Invoker> | undefined;

  constructor(log: Log, sources: EventSources) {
    this.#log = log;
    this.#sources = sources;
    this.server = createServer({ keepAliveTimeout: 65_000, noDelay: true }, (request, response) => {
      this.#handle(request).then(
        (outcome) => write(response, outcome),
        (error: unknown) => write(response, unhandled(error)),
      );
    });
  }

  /** @throws Error if the port is taken */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** From now on these are invoked, and the process is ready. */
  open(invokers: readonly Invoker[]): void {
    this.#invokers = new Map(invokers.map((invoker) => [invoker.name, invoker]));
  }

  /** Accepts nothing more, and resolves once what is in flight is answered. */
  drain(): Promise<void> {
    this.#invokers = undefined;
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage): Promise<Outcome> {
    const url = request.url ?? '';
    const invokers = this.#invokers;
    if (invokers === undefined) return refusal(503, 'ServiceException', 'The functions are not ready');
    if (request.method === 'GET' && url === '/ready') return { status: 200, body: { functions: [...invokers.keys()] } };
    const mapping = MAPPINGS.exec(url)?.groups?.uuid;
    if (mapping !== undefined) return this.#mapping(request, mapping);
    const reference = request.method === 'POST' ? INVOCATIONS.exec(url)?.[1] : undefined;
    if (reference === undefined)
      return refusal(404, 'ResourceNotFoundException', 'Only Invoke and event sources are answered here');
    const name = functionNameOf(reference);
    const invoker = invokers.get(name);
    if (invoker === undefined) return refusal(404, 'ResourceNotFoundException', `Function not found: ${name}`);
    let event: unknown;
    try {
      event = await readEvent(request);
    } catch (error) {
      if (error instanceof RangeError) return refusal(413, 'RequestTooLargeException', error.message);
      return refusal(400, 'InvalidRequestContentException', 'Could not parse request body into json');
    }
    return this.#invoke(invoker, event, request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
  }

  async #mapping(request: IncomingMessage, uuid: string): Promise<Outcome> {
    if (request.method === 'GET' && uuid === '') {
      const arn = new URL(request.url ?? '', 'http://lambda').searchParams.get('EventSourceArn') ?? undefined;
      return { status: 200, body: { EventSourceMappings: this.#sources.list(arn) } };
    }
    const { Enabled } = (await readEvent(request)) as { Enabled?: unknown };
    if (request.method !== 'PUT' || typeof Enabled !== 'boolean') {
      return refusal(400, 'InvalidParameterValueException', 'A mapping can be enabled and disabled here, and no more');
    }
    const changed = this.#sources.update(uuid, Enabled);
    if (changed === undefined) return refusal(404, 'ResourceNotFoundException', `Mapping not found: ${uuid}`);
    return { status: 202, body: changed };
  }

  async #invoke(invoker: Invoker, event: unknown, type: string | string[]): Promise<Outcome> {
    if (type === 'DryRun') return { status: 204, body: undefined };
    const outcome = invoker.invoke(event).then(
      (result): Outcome => ({ status: 200, body: result ?? null }),
      (error: unknown): Outcome => {
        if (error instanceof ConcurrencyExceeded) {
          return refusal(429, 'TooManyRequestsException', 'Rate Exceeded.');
        }
        const cause = error instanceof Error ? error : new Error('Not an error was thrown');
        this.#log.error('invocation failed', { function: invoker.name, error: cause });
        return unhandled(error);
      },
    );
    return type === 'Event' ? { status: 202, body: undefined } : outcome;
  }
}

function write(response: ServerResponse, outcome: Outcome): void {
  if (response.destroyed) return;
  const body = outcome.body === undefined ? '' : JSON.stringify(outcome.body);
  response.writeHead(outcome.status, {
    'content-type': 'application/json',
    'x-amz-executed-version': '$LATEST',
    ...(outcome.status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...outcome.headers,
  });
  response.end(outcome.status === 204 ? undefined : body);
}
