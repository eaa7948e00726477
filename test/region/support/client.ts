import type { Region, TrafficClass } from '../../../topology';
import { readState } from './system';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever is answered
  readonly body: any;
  readonly text: string;
}

export interface Sending {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly region?: Region;
  readonly trafficClass?: TrafficClass;
  readonly caller?: string;
}

export function apiKey(caller: string): string {
  const found = readState().callers.find(({ id }) => id === caller);
  if (found === undefined) throw new Error(`there is no caller ${caller}`);
  return found.apiKey;
}

const CALLER_OF_CLASS: Readonly<Record<TrafficClass, string>> = { order: 'shop', other: 'shop', marketing: 'crm' };

/** One call of the API; the path is that below the class. */
export async function call(method: string, path: string, sending: Sending = {}): Promise<Answer> {
  const { region = 'A', trafficClass = 'order', headers = {}, body } = sending;
  const caller = sending.caller ?? CALLER_OF_CLASS[trafficClass];
  return send(method, `${readState().regions[region].api}/v1/${trafficClass}${path}`, {
    body,
    headers: { 'x-api-key': apiKey(caller), ...headers },
  });
}

/** A request as it is given: nothing is added but a content type for JSON. */
export async function send(
  method: string,
  url: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

let members = 0;

/** Registers a member; accounts as `platform:account`. */
export async function register(accounts: readonly string[] = [], sending: Sending & { profile?: object } = {}) {
  members += 1;
  const body = {
    profile: { name: `Member ${members}`, ...sending.profile },
    accounts: accounts.map((text) => ({ platform: text.split(':')[0], account: text.split(':').slice(1).join(':') })),
  };
  const answer = await call('POST', '/members', { ...sending, body });
  if (answer.status !== 201) throw new Error(`registering answered ${answer.status} ${answer.text}`);
  return answer.body as { memberId: string; version: string; accounts: { platform: string; account: string }[] };
}

let names = 0;
const RUN = Date.now().toString(36);

/** A name that no other test uses. */
export function unique(prefix: string): string {
  names += 1;
  return `${prefix}-${RUN}-${process.pid}-${names}`;
}

/** A valid phone number that no other test uses. */
export function uniquePhone(): string {
  names += 1;
  return `+49151${String(Date.now() % 1e6).padStart(6, '0')}${String(names % 1000).padStart(3, '0')}`;
}
