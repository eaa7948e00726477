import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Endpoints, type MemberEvent, systemClock } from '../../../lambdas/core';
import { decodeBundle, Publisher } from '../../../lambdas/sync';
import type { Region } from '../../../topology';
import { silent } from '../cache/two-regions';
import { IDENTITY } from '../front/fronting';

interface Message {
  readonly topic: Region;
  readonly events: readonly MemberEvent[];
}

/** Stands where the topics are, because no engine refuses or hangs on demand. */
export class StandInTopics {
  /** Topics that refuse every message. */
  readonly refusing = new Set<Region>();
  /** Topics that take every message and answer none, until they are woken. */
  readonly hanging = new Set<Region>();
  /** What was accepted, message by message. */
  readonly accepted: Message[] = [];
  readonly #server: Server;
  readonly #publishers: Publisher[] = [];
  #unanswered: (() => void)[] = [];

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const parameters = new URLSearchParams(await text(request));
      const topic = parameters.get('TopicArn') as Region;
      const events = decodeBundle(parameters.get('Message') ?? '') as MemberEvent[];
      this.#take({ topic, events }, response);
    });
  }

  static async start(): Promise<StandInTopics> {
    // The client signs whatever it sends.
    process.env.AWS_ACCESS_KEY_ID = IDENTITY.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = IDENTITY.secretAccessKey;
    const topics = new StandInTopics();
    topics.#server.listen(0, '127.0.0.1');
    await once(topics.#server, 'listening');
    return topics;
  }

  get events(): MemberEvent[] {
    return this.accepted.flatMap(({ events }) => events);
  }

  /** Messages that were sent and wait for their answer. */
  get unanswered(): number {
    return this.#unanswered.length;
  }

  publisher(): Publisher {
    const { port } = this.#server.address() as AddressInfo;
    const endpoints = { aws: `http://127.0.0.1:${port}`, topics: { A: 'A', B: 'B' } } as unknown as Endpoints;
    const publisher = new Publisher({ endpoints, clock: systemClock, log: silent });
    this.#publishers.push(publisher);
    return publisher;
  }

  wake(): void {
    this.hanging.clear();
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  reset(): void {
    this.wake();
    this.refusing.clear();
    this.accepted.length = 0;
  }

  stop(): void {
    for (const publisher of this.#publishers) publisher.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(message: Message, response: ServerResponse): void {
    if (this.refusing.has(message.topic)) {
      response.writeHead(503).end();
      return;
    }
    const accept = () => {
      this.accepted.push(message);
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>');
    };
    if (!this.hanging.has(message.topic)) {
      accept();
      return;
    }
    this.#unanswered.push(accept);
    // Whoever asked has given up.
    response.once('close', () => {
      this.#unanswered = this.#unanswered.filter((one) => one !== accept);
    });
  }
}
