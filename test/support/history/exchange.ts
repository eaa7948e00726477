import type { PublicMember } from '../../../lambdas/members/schema';
import type { Account, BatchItem, Call, Outcome } from './calls';
import { isRead } from './calls';

/** A call as HTTP has it; the path is that below the class. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function exchangeOf(call: Call): Exchange {
  const headers = headersOf(call);
  switch (call.kind) {
    case 'register': {
      const { profile, accounts } = call;
      return { method: 'POST', path: '/members', headers, body: { profile, accounts } };
    }
    case 'patch':
      return { method: 'PATCH', path: `/members/${call.member}`, headers, body: call.patch };
    case 'bind':
      return { method: 'PUT', path: `/members/${call.member}${accountPath(call)}`, headers };
    case 'unbind':
      return { method: 'DELETE', path: `/members/${call.member}${accountPath(call)}`, headers };
    case 'close':
      return { method: 'DELETE', path: `/members/${call.member}`, headers };
    case 'get':
      return { method: 'GET', path: `/members/${call.member}`, headers };
    case 'batch':
      return { method: 'POST', path: '/members/batch', headers, body: { ids: call.members } };
    case 'find':
      return { method: 'GET', path: accountPath(call), headers };
  }
}

function accountPath({ platform, account }: Account): string {
  return `/accounts/${platform}/${encodeURIComponent(account)}`;
}

function headersOf(call: Call): Record<string, string> {
  const headers: Record<string, string> = {};
  if ('ifMatch' in call && call.ifMatch !== undefined) headers['if-match'] = `"${call.ifMatch}"`;
  if ('minVersion' in call && call.minVersion !== undefined) headers['min-version'] = call.minVersion;
  if ('acknowledge' in call && call.acknowledge !== undefined) headers.acknowledge = call.acknowledge;
  if (call.kind === 'register' && call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey;
  return headers;
}

/** Refused before anything was looked at. */
const UNTOUCHED = new Set(['SHED', 'STOPPED']);

/**
 * What a reply says of the call's effect. A write that was answered 503 may be committed, but for `NOT_ACKNOWLEDGED`,
 * which says that it is.
 */
export function outcomeOf(call: Call, { status, headers, text }: Reply): Outcome {
  const version = headers.get('etag')?.replaceAll('"', '');
  const versioned = version === undefined ? {} : { version };
  const said = { ...header(headers, 'acknowledged'), ...header(headers, 'degraded') };
  if (status < 400) return { kind: 'ok', status, ...versioned, ...said, ...contentsOf(call, text) };
  const code = codeIn(text);
  if (code === 'NOT_ACKNOWLEDGED') return { kind: 'ok', status, ...versioned };
  const isCertain = status < 500 || UNTOUCHED.has(code) || (status === 503 && isRead(call));
  return isCertain ? { kind: 'refused', status, code } : { kind: 'unknown', status, reason: code };
}

function header(headers: Headers, name: 'acknowledged' | 'degraded'): Partial<Record<typeof name, string>> {
  const value = headers.get(name);
  return value === null ? {} : { [name]: value };
}

function contentsOf(call: Call, text: string): { document?: PublicMember; items?: readonly BatchItem[] } {
  if (text === '') return {};
  const body = JSON.parse(text);
  if (call.kind !== 'batch') return { document: body };
  const items = (body.items as { id: string; code?: string; member?: PublicMember }[]).map(({ id, code, member }) => ({
    id,
    ...(code === undefined ? {} : { code }),
    ...(member === undefined ? {} : { document: member }),
  }));
  return { items };
}

function codeIn(text: string): string {
  try {
    return String(JSON.parse(text).code);
  } catch {
    return 'not a problem document';
  }
}
