import { INDICES } from '../../../lambdas/search/indices';
import { ask, bareDomain, type TestDomain, TIMEOUT_MS } from './domains';
import { eventOf, memberOf } from './members';

const memberIds = Array.from({ length: 12 }, (_, index) => String(index + 1));

let opened: TestDomain;
let lost: readonly string[];

/** An index of two shards that may have one on each node: on a single node, the other one is nowhere. */
beforeAll(async () => {
  opened = bareDomain();
  for (const { name, mapping } of INDICES) {
    await ask('PUT', `/${opened[name]}?wait_for_active_shards=0`, {
      settings: {
        number_of_shards: 2,
        number_of_replicas: 0,
        ...(name === 'members' ? { 'index.routing.allocation.total_shards_per_node': 1 } : {}),
      },
      mappings: mapping,
    });
  }
  await ask('GET', `/_cluster/health/${opened.lookups}?wait_for_status=green`);
  await ask('GET', `/_cluster/health/${opened.members}?wait_for_active_shards=1`);
  const copies = await Promise.all(memberIds.map(startedCopies));
  lost = memberIds.filter((_, index) => copies[index] === 0);
});

afterAll(() => opened.remove());

test('some members belong to the lost shard, and some do not', () => {
  expect(lost.length).toBeGreaterThan(0);
  expect(lost.length).toBeLessThan(memberIds.length);
});

test('events of the lost shard may be tried again, the others stand', async () => {
  const outcomes = await opened.domain.write(memberIds.map((memberId) => eventOf(memberOf({ memberId }))));
  outcomes.forEach((outcome, index) => {
    const isLost = lost.includes(String(index + 1));
    expect(outcome).toMatchObject(isLost ? { ok: false, retriable: true } : { ok: true });
  });
});

test('a member of the lost shard is not taken for unknown, the others are answered', async () => {
  for (const memberId of memberIds) {
    const read = opened.domain.getMember(memberId, TIMEOUT_MS);
    if (lost.includes(memberId)) await expect(read).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    else expect(await read).toMatchObject({ memberId });
  }
});

test('a search without one shard is not taken for the whole', async () => {
  const search = { filter: {}, sort: 'name', limit: 200 } as const;
  const byEngine = opened.again({ smallResultHits: 0 });
  await expect(opened.domain.search(search, TIMEOUT_MS)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(byEngine.search(search, TIMEOUT_MS)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(opened.domain.scan()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a ping fails', async () => {
  await expect(opened.domain.ping(TIMEOUT_MS)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

/** Of the shard that a member belongs to. */
async function startedCopies(memberId: string): Promise<number> {
  const { body } = await ask('GET', `/${opened.members}/_search_shards?routing=${memberId}`);
  return body.shards[0].length;
}
