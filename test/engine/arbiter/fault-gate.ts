import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * What happens to one request on its way: `lose-answer` lets it through and breaks the connection instead of
 * answering, `hold-answer` lets it through and never answers, `break` drops it unseen, an
 * exception is answered in place of the engine.
 */
export type Fault =
  | 'none'
  | 'lose-answer'
  | 'hold-answer'
  | 'break'
  | { readonly exception: string; readonly status: number };

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
  if (typeof fault === 'object') {
    answer.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.0' });
    return void answer.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${fault.exception}` }));
  }
  const outgoing = httpRequest(engine, { method: 'POST', headers: incoming.headers });
  outgoing.end(body);
  const [engineAnswer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const answered = await text(engineAnswer);
  if (fault === 'lose-answer') return void incoming.socket.destroy();
  if (fault === 'hold-answer') return;
  answer.writeHead(engineAnswer.statusCode ?? 500, engineAnswer.headers);
  answer.end(answered);
}
