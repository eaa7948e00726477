import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, isProblem, type Log, type Problem } from '../../lambdas/core';
import type { EntryRule } from '../../topology';
import { MalformedAnswer, readAnswer, writeAnswer } from './answer';
import { type ApiEvent, apiEvent } from './api-event';
import type { Waiting } from './invocation';
import { ConcurrencyExceeded, InvocationTimeout } from './invoker';
import { type GatewayProblem, type ProblemSaid, problem, traceIdOf } from './problem';
import { type AnnouncedBody, announcedBody, endRefused, readBody } from './request-body';
import type { Route, Router } from './routes';
import { ShedLog } from './shed-log';

/** Times after which a slow or idle client is let go. */
const LIMITS = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  inactivityTimeoutMs: 75_000,
  checkEveryMs: 1_000,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 8192,
  // Of Node 511: beyond it the kernel drops who connects, and TCP tries again after 1, 3 and 7 s.
  backlog: 4096,
} as const;

const RETRY_MS = 1000;
/** The rule of Lambda: a function runs no more often at a time than it was given. */
const RESERVED = 'reserved-concurrency' satisfies EntryRule;
const AT_RESERVE: ProblemSaid = { rule: RESERVED, retryAfterMs: RETRY_MS };

/** The entry of one region's API: what API Gateway does before and after a function. */
export class Listener {
  readonly server: Server;
  readonly #route: Router;
  readonly #log: Log;
  readonly #shed: ShedLog;
  #draining = false;

  constructor(route: Router, log: Log) {
    this.#route = route;
    this.#log = log;
    this.#shed = new ShedLog(log);
    this.server = createServer(
      {
        headersTimeout: LIMITS.headersTimeoutMs,
        requestTimeout: LIMITS.requestTimeoutMs,
        keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
        connectionsCheckingInterval: LIMITS.checkEveryMs,
        maxHeaderSize: LIMITS.maxHeaderBytes,
        noDelay: true,
        // Node would refuse it with an empty answer; it is refused below, with a problem.
        requireHostHeader: false,
      },
      (request, response) => this.#receive(request, response, false),
    );
    this.server.maxConnections = LIMITS.maxConnections;
    this.server.timeout = LIMITS.inactivityTimeoutMs;
    this.server.on('checkContinue', (request, response) => this.#receive(request, response, true));
    this.server.on('checkExpectation', (request, response) => this.#refuse(request, response, 'INVALID_REQUEST'));
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseMalformed(error, socket));
    this.server.on('connect', (_request, socket) => writeRaw(socket, problem('NO_SUCH_ROUTE', traceIdOf(undefined))));
  }

  /** @throws Error if the port is taken */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ port, host: '127.0.0.1', backlog: LIMITS.backlog }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** Accepts nothing more, and resolves once what is in flight is answered. */
  drain(): Promise<void> {
    this.#draining = true;
    this.#shed.flush();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  #receive(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    const route = this.#route(request.url ?? '');
    const announced = announcedBody(request);
    const refusal = lacksHost(request) ? 'INVALID_REQUEST' : refusalOf(route, announced);
    if (route === undefined || refusal !== undefined) {
      if (route !== undefined && refusal === 'SHED') this.#shed.note(route, RESERVED);
      this.#refuse(request, response, refusal ?? 'NO_SUCH_ROUTE', refusal === 'SHED' ? AT_RESERVE : undefined);
    } else if (announced === 'none') {
      this.#invoke(request, response, route, undefined);
    } else {
      if (awaitsContinue) response.writeContinue();
      void readBody(request).then((body) => {
        if (body === 'too-large') this.#refuse(request, response, 'TOO_LARGE');
        else if (body !== undefined) this.#invoke(request, response, route, body);
      });
    }
  }

  #invoke(request: IncomingMessage, response: ServerResponse, route: Route, body: Buffer | undefined): void {
    const startMs = performance.now();
    // An event is made for what is let in: refusing must cost next to nothing.
    const invoke = (waiting?: Waiting) => {
      const event = eventOf(request, route, body);
      return route.invoker.invoke(event, event.requestContext.requestId, waiting);
    };
    (route.entry?.run(invoke, isDrop) ?? invoke()).then(
      (result) => this.#answer(request, response, route, result, startMs),
      (error: unknown) => this.#fail(request, response, route, error, startMs),
    );
  }

  #answer(request: IncomingMessage, response: ServerResponse, route: Route, result: unknown, startMs: number): void {
    if (response.destroyed) return;
    if (this.#draining) response.shouldKeepAlive = false;
    try {
      const answer = readAnswer(result);
      writeAnswer(response, answer);
      if (answer.statusCode >= 500) this.#note(request, route, { status: answer.statusCode, startMs });
    } catch (error) {
      this.#fail(request, response, route, error, startMs);
    }
  }

  #fail(request: IncomingMessage, response: ServerResponse, route: Route, error: unknown, startMs: number): void {
    const limited = isShed(error) ? error.details : undefined;
    if (limited !== undefined || error instanceof ConcurrencyExceeded) {
      this.#shed.note(route, limited?.rule ?? RESERVED);
      this.#refuse(request, response, 'SHED', limited ?? AT_RESERVE);
      return;
    }
    const code = error instanceof InvocationTimeout ? 'UNAVAILABLE' : 'INTERNAL';
    const answer = problem(code, traceIdFrom(request), code === 'UNAVAILABLE' ? { retryAfterMs: RETRY_MS } : {});
    const cause = error instanceof Error ? error : new MalformedAnswer(`the function threw a ${typeof error}`);
    this.#note(request, route, { status: answer.status, startMs, error: cause, traceId: answer.traceId });
    this.#write(response, answer);
  }

  #refuse(request: IncomingMessage, response: ServerResponse, code: ErrorCode, details?: ProblemSaid): void {
    const answer = problem(code, traceIdFrom(request), details);
    if (request.complete || announcedBody(request) === 'none') {
      this.#write(response, answer);
    } else {
      response.writeHead(answer.status, { ...headersOf(answer), connection: 'close' });
      endRefused(request, response, answer.body);
    }
  }

  #write(response: ServerResponse, answer: GatewayProblem): void {
    if (response.destroyed) return;
    if (this.#draining) response.shouldKeepAlive = false;
    response.writeHead(answer.status, headersOf(answer));
    response.end(answer.body);
  }

  #note(
    request: IncomingMessage,
    route: Route,
    { startMs, ...fields }: { status: number; startMs: number; traceId?: string; error?: Error },
  ): void {
    this.#log.error('request failed', {
      ...fields,
      function: route.invoker.name,
      class: route.trafficClass,
      method: request.method,
      durationMs: Math.round(performance.now() - startMs),
    });
  }
}

function eventOf(request: IncomingMessage, route: Route, body: Buffer | undefined): ApiEvent {
  const { method = 'GET', url = '', rawHeaders, socket } = request;
  return apiEvent({ method, url, rawHeaders, sourceIp: socket.remoteAddress ?? '', body }, route, Date.now());
}

function isDrop(error: unknown): boolean {
  return error instanceof InvocationTimeout || error instanceof ConcurrencyExceeded;
}

/** The entry lets no more in. */
function isShed(error: unknown): error is Problem {
  return isProblem(error) && error.code === 'SHED';
}

/** Why a request is refused by its first line and headers alone, if it is. */
function refusalOf(route: Route | undefined, announced: AnnouncedBody): ErrorCode | undefined {
  if (route === undefined) return 'NO_SUCH_ROUTE';
  if (route.invoker.full) return 'SHED';
  return announced === 'too-large' ? 'TOO_LARGE' : undefined;
}

/** HTTP/1.1 requires the header, and wants requests without it refused. */
function lacksHost({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && headers.host === undefined;
}

function headersOf(answer: GatewayProblem): Record<string, string> {
  return { ...answer.headers, 'content-length': String(Buffer.byteLength(answer.body)) };
}

function traceIdFrom(request: IncomingMessage): string {
  const named = request.headers.traceparent;
  return traceIdOf(typeof named === 'string' ? named : undefined);
}

const MALFORMED: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'The headers are too large',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request did not arrive in time',
};

/** What Node's parser says of bytes that are no request. */
interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

function refuseMalformed(error: ParserError, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const detail = MALFORMED[error.code ?? ''] ?? 'This is not HTTP';
  const asksForHead = error.rawPacket?.subarray(0, HEAD.length).equals(HEAD) ?? false;
  writeRaw(socket, problem('INVALID_REQUEST', traceIdOf(undefined), { detail }), asksForHead);
}

const HEAD = Buffer.from('HEAD ');

/** @param asksForHead a body would be taken for the next answer */
function writeRaw(socket: Duplex, answer: GatewayProblem, asksForHead = false): void {
  const lines = Object.entries({ ...headersOf(answer), connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.end(
    `HTTP/1.1 ${answer.status} ${answer.code}\r\n${lines.join('\r\n')}\r\n\r\n${asksForHead ? '' : answer.body}`,
  );
}
