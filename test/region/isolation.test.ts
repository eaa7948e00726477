import { once } from 'node:events';
import { connect } from 'node:net';
import { call, register, uniquePhone } from './support/client';
import { engine, eventually, readState } from './support/system';

/** More than Node keeps waiting by itself. */
const CONNECTIONS = 1000;
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

test('who connects while the entry is busy is not turned away, to come again a second later', async () => {
  const { pid } = engine('api-B');
  if (pid === null || pid === undefined) throw new Error('the functions of region B do not run');
  const { hostname: host, port } = new URL(readState().regions.B.api);
  // As if its event loop were held up: the kernel alone answers.
  process.kill(pid, 'SIGSTOP');
  const sockets = Array.from({ length: CONNECTIONS }, () => connect({ host, port: Number(port) }));
  try {
    // Whoever is turned away never gets through: it is let go again, whatever comes of it.
    const signal = AbortSignal.timeout(10_000);
    await Promise.all(sockets.map((socket) => once(socket, 'connect', { signal })));
  } finally {
    process.kill(pid, 'SIGCONT');
    for (const socket of sockets) socket.destroy();
  }
  await eventually(async () => (await call('GET', '/members/1', { region: 'B' })).status === 404);
});
