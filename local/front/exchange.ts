import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { AwsFailure, serviceUnavailable } from './aws-error';
import { engineAgent } from './pass-through';

/** Above what a service of AWS takes in one request. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

export interface Exchange {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** @throws AwsFailure if the request is too large or its sender goes away */
export async function readWhole(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_REQUEST_BYTES) throw new AwsFailure(413, 'RequestEntityTooLarge', 'The request is too large');
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof AwsFailure
      ? cause
      : new AwsFailure(400, 'IncompleteBody', 'The body ended early', { cause });
  }
  return Buffer.concat(chunks);
}

/**
 * One request to a process and its whole answer, whatever its status.
 *
 * @param what names the process in errors
 * @throws AwsFailure `ServiceUnavailable` if it cannot be reached or does not answer within `timeoutMs`
 */
export function exchange(
  url: URL,
  options: {
    readonly method?: string;
    readonly path?: string;
    readonly headers: OutgoingHttpHeaders;
    readonly body: Buffer;
    readonly timeoutMs: number;
    readonly what: string;
  },
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      clearTimeout(timer);
      reject(serviceUnavailable(options.what, cause));
    };
    const request = httpRequest(
      {
        agent: engineAgent,
        host: url.hostname,
        port: url.port,
        method: options.method ?? 'POST',
        path: options.path ?? url.pathname,
        headers: { ...options.headers, 'content-length': options.body.length },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', fail);
        answer.on('end', () => {
          clearTimeout(timer);
          resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) });
        });
      },
    );
    const timer = setTimeout(
      () => request.destroy(new Error(`No answer within ${options.timeoutMs} ms`)),
      options.timeoutMs,
    );
    request.on('error', fail);
    request.end(options.body);
  });
}

/** Headers of a request or an answer without those of its connection and its framing. */
export function headersToPass(headers: IncomingHttpHeaders | OutgoingHttpHeaders): OutgoingHttpHeaders {
  const {
    connection: _connection,
    'keep-alive': _keepAlive,
    'transfer-encoding': _framing,
    'content-length': _length,
    expect: _expect,
    ...rest
  } = headers;
  return rest;
}

/** Writes a whole answer on to whoever asked. */
export function writeExchange(response: ServerResponse, { status, headers, body }: Exchange): void {
  response.writeHead(status, { ...headersToPass(headers), 'content-length': body.length });
  response.end(body);
}
