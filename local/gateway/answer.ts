import type { ServerResponse } from 'node:http';

/** What a proxy integration may return, checked and ready to be written. */
export interface Answer {
  readonly statusCode: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Buffer;
}

/** The function returned something that is no answer of a proxy integration. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** The connection's own headers are not the function's to set. */
const CONNECTION_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function addHeader(flat: string[], name: string, value: unknown): void {
  if (CONNECTION_HEADERS.has(name.toLowerCase())) return;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new MalformedAnswer(`the header ${name} is not a string`);
  }
  flat.push(name, String(value));
}

function headersOf(result: Fields): string[] {
  const flat: string[] = [];
  const many = isFields(result.multiValueHeaders) ? result.multiValueHeaders : undefined;
  if (isFields(result.headers)) {
    for (const name in result.headers) {
      // Where both name a header, the one with all its values counts.
      if (many === undefined || !Object.hasOwn(many, name)) addHeader(flat, name, result.headers[name]);
    }
  }
  if (many === undefined) return flat;
  for (const [name, values] of Object.entries(many)) {
    if (!Array.isArray(values)) throw new MalformedAnswer(`the header ${name} is not a list`);
    for (const value of values) addHeader(flat, name, value);
  }
  return flat;
}

/** @throws MalformedAnswer where API Gateway would answer 502 */
export function readAnswer(result: unknown): Answer {
  if (!isFields(result)) throw new MalformedAnswer('it is not an object');
  const { statusCode, body } = result;
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) {
    throw new MalformedAnswer('its statusCode is not one of HTTP');
  }
  if (body !== undefined && body !== null && typeof body !== 'string') {
    throw new MalformedAnswer('its body is not a string');
  }
  const text = body ?? '';
  return {
    statusCode,
    headers: headersOf(result),
    body: result.isBase64Encoded === true ? Buffer.from(text, 'base64') : text,
  };
}

function hasNoBody(statusCode: number): boolean {
  return statusCode === 204 || statusCode === 304;
}

/**
 * Writes an answer whole, in one packet where it fits.
 *
 * @throws MalformedAnswer if a header holds characters that HTTP forbids; nothing is written then
 */
export function writeAnswer(response: ServerResponse, answer: Answer): void {
  const { statusCode, body } = answer;
  const empty = hasNoBody(statusCode);
  const headers = empty
    ? [...answer.headers]
    : [...answer.headers, 'content-length', String(typeof body === 'string' ? Buffer.byteLength(body) : body.length)];
  try {
    response.writeHead(statusCode, headers);
  } catch (cause) {
    throw new MalformedAnswer('a header cannot be sent', { cause });
  }
  if (empty) response.end();
  else response.end(body);
}
