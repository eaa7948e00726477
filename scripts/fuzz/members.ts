import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { LocalState } from '../../local/system';

/** Members that exist, so that requests reach further than 404. */
export interface KnownMembers {
  readonly ids: readonly string[];
  readonly accounts: readonly string[];
  readonly phones: readonly string[];
}

const COUNT = 12;
/** Accounts are looked up on the platform that the fuzzer names most. */
const PLATFORM = 'app';
const REGISTER_MS = 60_000;
const MS_PER_S = 1000;

/**
 * Registers members for a run, in both regions.
 *
 * @param name distinguishes the run from others on the same system
 */
export async function registerMembers({ regions, callers }: LocalState, name: string): Promise<KnownMembers> {
  const apiKey = callers.find(({ classes }) => classes.includes('order'))?.apiKey ?? '';
  const members = Array.from({ length: COUNT }, (_, index) => ({
    account: `fuzz-${name}-${index}`,
    phone: `+4915${String(Date.now() % 1e6).padStart(6, '0')}${String(index).padStart(2, '0')}`,
    api: index % 2 === 0 ? regions.A.api : regions.B.api,
  }));
  const ids: string[] = [];
  for (const { account, phone, api } of members) {
    const body = { profile: { name: account, phone }, accounts: [{ platform: PLATFORM, account }] };
    ids.push(await register(`${api}/v1/order/members`, apiKey, body));
  }
  return { ids, accounts: members.map(({ account }) => account), phones: members.map(({ phone }) => phone) };
}

/** Comes again while it is told to: a system that has just started may not take members yet. */
async function register(url: string, apiKey: string, body: object): Promise<string> {
  const key = randomUUID();
  const endsAtMs = performance.now() + REGISTER_MS;
  for (;;) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REGISTER_MS),
    });
    if (response.status === 201) return ((await response.json()) as { memberId: string }).memberId;
    const text = await response.text();
    if (response.status !== 503 || performance.now() > endsAtMs) {
      throw new Error(`registering answered ${response.status} ${text}`);
    }
    await pause(Number(response.headers.get('retry-after') ?? 1) * MS_PER_S);
  }
}
