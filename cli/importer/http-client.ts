import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as SecureAgent } from 'node:https';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const MAX_ANSWER_BYTES = 1024 * 1024;

/** Sends JSON over kept connections. */
export class HttpClient {
  readonly #plain: Agent;
  readonly #secure: SecureAgent;

  constructor(connections: number) {
    this.#plain = new Agent({ keepAlive: true, maxSockets: connections });
    this.#secure = new SecureAgent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws Error if there was no complete answer within `timeoutMs`; the request may have been carried out */
  async post(url: URL, headers: Readonly<Record<string, string>>, body: string, timeoutMs: number): Promise<Answer> {
    const secure = url.protocol === 'https:';
    const bytes = Buffer.from(body);
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': String(bytes.length) },
      agent: secure ? this.#secure : this.#plain,
      signal: AbortSignal.timeout(timeoutMs),
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(url, options, resolve);
      request.on('error', reject);
      request.end(bytes);
    });
    return { status: response.statusCode ?? 0, headers: response.headers, body: await readText(response) };
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('The answer is longer than 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
