import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Region, TrafficClass } from '../../../../topology';
import { apiKey } from '../../support/client';
import { readState } from '../../support/system';

export interface FuzzRequest {
  readonly method: string;
  /** Below the class, as it is sent: nothing is encoded or normalised. */
  readonly path: string;
  readonly region?: Region;
  readonly trafficClass?: TrafficClass;
  /** A name with several values is sent as often. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Buffer;
}

export interface FuzzAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const CALLERS: Readonly<Record<TrafficClass, string>> = { order: 'shop', other: 'backoffice', marketing: 'crm' };
const TIMEOUT_MS = 30_000;
const agent = new Agent({ keepAlive: true });

afterAll(() => agent.destroy());

/** One request by a client that normalises nothing; it has a key unless `headers` names one. */
export function exchange({ region = 'A', trafficClass = 'order', ...request }: FuzzRequest): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(readState().regions[region].api);
  const { method, body } = request;
  const headers: Record<string, string | string[]> = { 'x-api-key': apiKey(CALLERS[trafficClass]) };
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    headers[name] = typeof value === 'string' ? value : [...value];
  }
  const path = `/v1/${trafficClass}${request.path}`;
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { agent, hostname, port, method, path, headers: { ...headers, ...length }, timeout: TIMEOUT_MS },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    sent.once('error', reject);
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    sent.end(body);
  });
}

/** Everything that comes back for raw bytes until the server closes, or has answered `answers` times. */
export function exchangeBytes(bytes: Buffer, answers = 1): Promise<FuzzAnswer[]> {
  const { hostname, port } = new URL(readState().regions.A.api);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = Buffer.alloc(0);
    const finish = () => {
      socket.destroy();
      resolve(answersIn(received));
    };
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (answersIn(received).length >= answers) finish();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? finish() : reject(error)));
    socket.once('close', finish);
    socket.write(bytes);
  });
}

/** The answers that are there as a whole; all of ours say their length. */
function answersIn(received: Buffer): FuzzAnswer[] {
  const found: FuzzAnswer[] = [];
  for (let from = 0; ; ) {
    const end = received.indexOf('\r\n\r\n', from);
    if (end === -1) return found;
    const [first = '', ...lines] = received.subarray(from, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const length = Number(headers['content-length'] ?? 0);
    const begin = end + 4;
    if (received.length < begin + length) return found;
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? 0);
    if (status >= 200) found.push({ status, headers, text: received.subarray(begin, begin + length).toString('utf8') });
    from = begin + length;
  }
}
