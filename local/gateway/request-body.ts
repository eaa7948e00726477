import type { IncomingMessage, ServerResponse } from 'node:http';

/** Most bytes that a request may carry. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** How much of a refused body is still taken from the wire, so that its sender gets to read the answer. */
const LINGER_BYTES = 4 * MAX_BODY_BYTES;
const LINGER_MS = 1000;

export type AnnouncedBody = 'none' | 'some' | 'too-large';

/** Whether a request announces a body, and whether it announces too much. */
export function announcedBody(request: IncomingMessage): AnnouncedBody {
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      const bytes = Number(rawHeaders[index + 1]);
      return bytes > MAX_BODY_BYTES ? 'too-large' : bytes > 0 ? 'some' : 'none';
    }
    if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return 'some';
  }
  return 'none';
}

/** Reads a body; undefined if its sender went away. */
export function readBody(request: IncomingMessage): Promise<Buffer | 'too-large' | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (outcome: Buffer | 'too-large' | undefined) => {
      request.off('data', take);
      resolve(outcome);
    };
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        request.pause();
        finish('too-large');
      } else {
        chunks.push(chunk);
      }
    };
    request.on('data', take);
    request.once('end', () => finish(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.once('error', () => finish(undefined));
    request.once('close', () => finish(undefined));
  });
}

/**
 * Ends an answer to a request whose body is not wanted, and closes the connection. A connection that is closed with
 * bytes unread is reset, and the reset would overtake the answer: so a bounded rest is read and dropped first.
 */
export function endRefused(request: IncomingMessage, response: ServerResponse, body: string): void {
  response.write(body);
  let bytes = 0;
  const close = () => {
    clearTimeout(timer);
    request.off('data', drop);
    response.end();
  };
  const drop = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) close();
  };
  const timer = setTimeout(close, LINGER_MS);
  request.once('end', close);
  request.once('close', close);
  request.on('data', drop);
  request.resume();
}
