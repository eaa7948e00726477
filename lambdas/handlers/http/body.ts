import type { Route } from '../../../topology';
import { Problem } from '../../core';
import type { Headers, HttpEvent } from './event';

export const MAX_BODY_BYTES = 256 * 1024;

const MEDIA_TYPES: Readonly<Record<NonNullable<Route['body']>, readonly string[]>> = {
  json: ['application/json'],
  'merge-patch': ['application/merge-patch+json', 'application/json'],
};

const CHARSET_UTF8 = /^\s*charset\s*=\s*("utf-8"|utf-8)\s*$/i;

/**
 * Reads the JSON body that a call takes.
 *
 * @throws Problem TOO_LARGE, UNSUPPORTED_MEDIA_TYPE or INVALID_REQUEST
 */
export function readBody(
  event: Pick<HttpEvent, 'body' | 'isBase64Encoded'>,
  headers: Headers,
  kind: NonNullable<Route['body']>,
): unknown {
  if (event.body === null || event.body === '') throw refused('is required');
  if (byteLength(event.body, event.isBase64Encoded) > MAX_BODY_BYTES) throw new Problem('TOO_LARGE');
  requireMediaType(headers, MEDIA_TYPES[kind]);
  return parseJson(event.isBase64Encoded ? decodeUtf8(event.body) : event.body);
}

function byteLength(body: string, isBase64Encoded: boolean): number {
  return Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8');
}

function requireMediaType(headers: Headers, accepted: readonly string[]): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';');
  const isPlain = (headers['content-encoding'] ?? 'identity').trim().toLowerCase() === 'identity';
  const isAccepted = accepted.includes(type.trim().toLowerCase());
  if (isPlain && isAccepted && parameters.every((parameter) => CHARSET_UTF8.test(parameter))) return;
  throw new Problem('UNSUPPORTED_MEDIA_TYPE', {
    detail: `The body must be ${accepted.join(' or ')} in UTF-8, without a content encoding`,
  });
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(base64: string): string {
  try {
    return UTF8.decode(Buffer.from(base64, 'base64'));
  } catch {
    throw refused('must be UTF-8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its message quotes the body, so it is not even kept as a cause.
    throw refused('must be JSON');
  }
}

function refused(message: string): Problem {
  return new Problem('INVALID_REQUEST', { errors: [{ path: '', message: `the body ${message}` }] });
}
