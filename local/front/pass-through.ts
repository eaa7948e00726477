import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { serviceUnavailable, writeAwsFailure } from './aws-error';

/** Unused connections are closed before the engines would do it, so that none is closed under a request. */
const IDLE_CONNECTION_MS = 5000;

/** Connections to the engines, kept alive: every claim and every message goes over them. */
export const engineAgent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS, noDelay: true });

const HOP_HEADERS = new Set(['connection', 'expect', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade']);

function forwarded(rawHeaders: readonly string[], dropped: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (!dropped.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] as string);
  }
  return kept;
}

// The answer's own framing is made anew.
const ANSWER_HEADERS = new Set([...HOP_HEADERS, 'transfer-encoding', 'date']);

/**
 * Passes a request on as it is and its answer back, both streamed. A process that is down is answered 503 at once; a
 * caller who leaves takes the request away.
 *
 * @param what names the process in errors
 */
export function passThrough(request: IncomingMessage, response: ServerResponse, url: URL, what: string): void {
  const passed = httpRequest(
    {
      agent: engineAgent,
      host: url.hostname,
      port: url.port,
      method: request.method,
      path: request.url,
      headers: forwarded(request.rawHeaders, HOP_HEADERS),
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, forwarded(answer.rawHeaders, ANSWER_HEADERS));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    },
  );
  passed.on('error', (cause) => writeAwsFailure(request, response, serviceUnavailable(what, cause)));
  response.on('close', () => {
    if (!response.writableFinished) passed.destroy();
  });
  request.on('error', () => passed.destroy());
  request.pipe(passed);
}
