import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { systemClock } from '../../../lambdas/core';
import { MemberCopies } from '../../../lambdas/members/copies';
import { Deadline } from '../../../lambdas/resilience';
import { PreferredDomains } from '../../../lambdas/search';
import { createShards, encodeMemberId, type Shards } from '../../../lambdas/shards';
import type { Snapshot } from '../../../lambdas/switches';
import { REGIONS, type Region } from '../../../topology';
import { keptLog } from '../gateway/hosted';

/** Loopback addresses that stand for what Aurora has in each region; nothing behind them answers. */
const HOSTS = {
  'A for writing': '127.0.1.1',
  'A for reading': '127.0.1.2',
  'B for writing': '127.0.2.1',
  'B for reading': '127.0.2.2',
} as const;

let servers: Server[];
let called: string[];
let shards: Shards;

beforeEach(async () => {
  called = [];
  servers = [];
  let port = 0;
  for (const [name, host] of Object.entries(HOSTS)) {
    const server = createServer((socket) => {
      called.push(name);
      socket.destroy();
    });
    server.listen(port, host);
    await once(server, 'listening');
    port = (server.address() as { port: number }).port;
    servers.push(server);
  }
  const address = (region: Region) => ({
    host: HOSTS[`${region} for writing`],
    reader: HOSTS[`${region} for reading`],
    port,
  });
  shards = createShards({
    endpoints: { a1: { A: address('A'), B: address('B') } },
    secrets: { user: 'nobody', password: 'nothing' },
    masters: undefined,
    connections: 1,
    clock: systemClock,
  });
});

afterEach(async () => {
  await shards.close();
  for (const server of servers) server.close();
});

const memberId = encodeMemberId({
  placement: 0,
  drawnAtMs: Date.parse('2025-06-01'),
  region: 'A',
  layout: 0,
  random: 1,
});

/** Whom a read of a member asks, in order, where nobody answers. */
async function askedIn(region: Region, writer: Region): Promise<string[]> {
  const snapshot = { units: { a1: { epoch: 3, writer, mode: 'database' } } } as unknown as Snapshot;
  const domains = new PreferredDomains({ domains: {} as never, clock: systemClock, log: keptLog() });
  const copies = new MemberCopies({ shards, domains, region, preference: () => [], commands: {} as never });
  const deadline = Deadline.after(5000, systemClock);
  const request = { memberId, floor: 0, minVersion: 0, deadline };
  await expect(copies.find(request, snapshot)).rejects.toThrow('no copy');
  return called;
}

test.each(REGIONS)(
  'a writer in %s is asked at the address for writing, and a copy at that for reading',
  async (home) => {
    const away = home === 'A' ? 'B' : 'A';
    expect(await askedIn(home, home)).toEqual([`${home} for writing`, `${away} for reading`]);
  },
);

test.each(REGIONS)('a copy in %s is asked first where it is nearer, at the address for reading', async (near) => {
  const far = near === 'A' ? 'B' : 'A';
  expect(await askedIn(near, far)).toEqual([`${near} for reading`, `${far} for writing`]);
});

test('a region is well if it answers at either address', async () => {
  await expect(shards.ping('a1', 'A', 1000)).rejects.toThrow();
  expect([...called].sort()).toEqual(['A for reading', 'A for writing']);
});
