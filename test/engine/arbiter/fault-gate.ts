import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * What happens to one request on its way: `lose-answer` lets it through and breaks the connection instead of
 * answering, `hold-answer` lets it through and never answers, `stall` stops in the middle of the answer, `break` drops it unseen, an exception is answered in
 * place of the engine; of a batch only `processed` keys are read, as happens where an answer would grow too large.
 */
export type Fault =
  | 'none'
  | 'lose-answer'
  | 'hold-answer'
  | 'stall'
  | 'break'
  | { readonly exception: string; readonly status: number }
  | { readonly processed: number };

export interface FaultGate {
  readonly endpoint: string;
  /** Faults for the next requests, one each, in order, instead of any that are left; then all pass. */
  next(...faults: Fault[]): void;
  /** Operations that arrived, as the engine names them. */
  readonly arrived: string[];
  close(): Promise<void>;
}

/** Stands between a client and the engine and produces what the engine would not produce on demand. */
export async function openFaultGate(engine: string): Promise<FaultGate> {
  const faults: Fault[] = [];
  const arrived: string[] = [];
  const server = createServer((incoming, answer) => {
    arrived.push(String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '');
    void pass(engine, incoming, answer, faults.shift());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: (...planned) => void faults.splice(0, faults.length, ...planned),
    arrived,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function pass(
  engine: string,
  incoming: IncomingMessage,
  answer: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const body = await text(incoming);
  if (fault === 'break') return void incoming.socket.destroy();
  if (typeof fault === 'object' && 'exception' in fault) {
    return reply(answer, fault.status, { __type: `com.amazonaws.dynamodb.v20120810#${fault.exception}` });
  }
  if (typeof fault === 'object') return passPart(engine, incoming, answer, JSON.parse(body), fault.processed);
  const asked = await ask(engine, incoming, body);
  if (fault === 'lose-answer') return void incoming.socket.destroy();
  if (fault === 'hold-answer') return;
  answer.writeHead(asked.status, asked.headers);
  if (fault === 'stall') return void answer.write(asked.body.slice(0, 1));
  answer.end(asked.body);
}

interface Batch {
  readonly RequestItems: Record<string, { readonly Keys: unknown[] }>;
}

async function passPart(
  engine: string,
  incoming: IncomingMessage,
  answer: ServerResponse,
  batch: Batch,
  processed: number,
): Promise<void> {
  const part = (from: number, to?: number) =>
    Object.entries(batch.RequestItems).map(([table, { Keys, ...rest }]) => [
      table,
      { ...rest, Keys: Keys.slice(from, to) },
    ]);
  const now = { ...batch, RequestItems: Object.fromEntries(part(0, processed)) };
  const none = { status: 200, body: '{}' };
  const asked = processed === 0 ? none : await ask(engine, incoming, JSON.stringify(now));
  reply(answer, asked.status, { ...JSON.parse(asked.body), UnprocessedKeys: Object.fromEntries(part(processed)) });
}

async function ask(
  engine: string,
  { headers }: IncomingMessage,
  body: string,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const length = String(Buffer.byteLength(body));
  const outgoing = httpRequest(engine, { method: 'POST', headers: { ...headers, 'content-length': length } });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 500, headers: answer.headers, body: await text(answer) };
}

function reply(answer: ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  answer.end(JSON.stringify(body));
}
