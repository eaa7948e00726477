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
const REGISTER_MS = 30_000;

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
    const response = await fetch(`${api}/v1/order/members`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ profile: { name: account, phone }, accounts: [{ platform: PLATFORM, account }] }),
      signal: AbortSignal.timeout(REGISTER_MS),
    });
    if (response.status !== 201) throw new Error(`registering answered ${response.status} ${await response.text()}`);
    ids.push(((await response.json()) as { memberId: string }).memberId);
  }
  return { ids, accounts: members.map(({ account }) => account), phones: members.map(({ phone }) => phone) };
}
