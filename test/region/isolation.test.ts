import { call, register, uniquePhone } from './support/client';
import { engine, eventually } from './support/system';

/** More than class marketing has places for, at the entry or at the domain. */
const SEARCHES = 90;
const searchIn = (trafficClass: 'marketing' | 'other') =>
  call('POST', '/members/search', { trafficClass, region: 'B', body: { filter: {}, limit: 1 } });

test('a domain that holds up all of class marketing holds up no other class', async () => {
  const phone = uniquePhone();
  const { memberId } = await register([], { profile: { phone } });
  await eventually(
    async () => (await call('GET', `/members?phone=${encodeURIComponent(phone)}`)).body.items.length === 1,
  );
  const { pid } = engine('marketing');
  if (pid === null || pid === undefined) throw new Error('the domain does not run');
  process.kill(pid, 'SIGSTOP');
  try {
    const held = Array.from({ length: SEARCHES }, () => searchIn('marketing'));
    for (let round = 0; round < 5; round += 1) {
      const [read, found, written, searched] = await Promise.all([
        call('GET', `/members/${memberId}`, { region: 'B' }),
        call('GET', `/members?phone=${encodeURIComponent(phone)}`, { region: 'B' }),
        call('PATCH', `/members/${memberId}`, { body: { city: `City ${round}` } }),
        searchIn('other'),
      ]);
      expect([read.status, found.status, written.status, searched.status]).toEqual([200, 200, 200, 200]);
    }
    // Nothing waits without end, and whoever is refused is told when to come again.
    for (const { status, headers, body } of await Promise.all(held)) {
      expect([status, ['SHED', 'UNAVAILABLE'].includes(body.code)]).toEqual([503, true]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await eventually(async () => (await searchIn('marketing')).status === 200);
});
