import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { UnitDecision } from '../../lambdas/arbiter';
import { AUTOMATIC_GRANT_MS, canaryOf, sing } from '../../lambdas/failover';
import { createAnnouncer } from '../../lambdas/members';
import { createDomain, type Domain } from '../../lambdas/search';
import { DOMAIN_NAMES, DOMAINS, type DomainName, parameterName, type Region } from '../../topology';
import { endpoints, NOBODY } from './races/environment';
import { untilStoresAgree } from './support/agreement';
import { type Answer, call, register, unique } from './support/client';
import { openParts, SILENT } from './support/parts';
import { awsClient } from './support/stores';
import { engine, eventually, kill, REGION_NAMES, restart, secrets } from './support/system';

const UNIT = 'b1';
const SERVERS = ['b1-A', 'b1-B'] as const;
const parts = openParts('A');
const store = awsClient((options) => new SSMClient(options));
afterAll(async () => {
  store.destroy();
  await parts.close();
});

const turn = (name: string, value: unknown) =>
  store.send(
    new PutParameterCommand({ Name: parameterName('local', name), Value: JSON.stringify(value), Overwrite: true }),
  );

const reached = (mode: UnitDecision['mode']) =>
  eventually(async () => {
    const decision = await parts.arbiter.decisions.unit(UNIT);
    return decision?.transition === undefined && decision?.mode === mode ? decision : undefined;
  }, 90_000);

/** Everything that was acknowledged: the member's city as it was written last, and its accounts. */
interface Told {
  readonly memberId: string;
  city: string;
  account?: string;
}

const read = (memberId: string, region: Region, headers: Record<string, string> = {}) =>
  call('GET', `/members/${memberId}`, { region, headers });

/** Environments learn of a switch within some seconds. */
const writes = (path: string, region: Region, body: object) =>
  eventually(async () => {
    const answer = await call('PATCH', path, { region, body });
    if (answer.status !== 503) return answer;
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    return undefined;
  });

const versionIn = ({ headers }: Answer) => Number(headers.get('etag')?.slice(1, -1));

test('races 26, 27, 53: a unit whose databases are all lost goes on in both regions, and all of it is in the rows afterwards', async () => {
  const taken = unique('taken');
  const told: Told[] = [];
  for (let index = 0; index < 3; index += 1) {
    const { memberId } = await register(index === 0 ? [`app:${taken}`] : [], { region: 'B' });
    told.push({ memberId, city: '' });
  }
  const [first, second, third] = told as [Told, Told, Told];
  const other = await register([], { region: 'A' });
  await untilStoresAgree();
  // Short leases, so that the last one need not be waited out for an hour.
  await turn('failover/auto', 'dry-run');
  await eventually(async () => (await parts.arbiter.decisions.unit(UNIT))?.grantedMs === AUTOMATIC_GRANT_MS);
  for (const name of SERVERS) kill(name);
  await turn(`units/${UNIT}`, { writer: 'B', mode: 'fallback' });
  const fallback = await reached('fallback');

  for (const region of REGION_NAMES) {
    first.city = unique('city');
    const written = await writes(`/members/${first.memberId}`, region, { city: first.city });
    expect([written.status, written.headers.get('acknowledged')]).toEqual([200, 'both']);
    for (const reader of REGION_NAMES) {
      const answer = await read(first.memberId, reader, { 'min-version': String(versionIn(written)) });
      expect([answer.status, answer.body.profile.city, answer.headers.get('degraded')]).toEqual([
        200,
        first.city,
        'search',
      ]);
    }
  }
  const bound = unique('bound');
  const binding = await call('PUT', `/members/${second.memberId}/accounts/app/${bound}`, { region: 'A' });
  expect([binding.status, Math.floor(versionIn(binding) / 2 ** 32)]).toEqual([200, fallback.epoch]);
  second.account = bound;
  for (const region of REGION_NAMES) {
    const found = await call('GET', `/accounts/app/${bound}`, { region });
    expect([found.status, found.body.memberId, found.headers.get('degraded')]).toEqual([
      200,
      second.memberId,
      'search',
    ]);
    // Nobody judges the claims of the unit's members, not even by what is right.
    for (const account of [bound, taken]) {
      const refused = await call('PUT', `/members/${other.memberId}/accounts/app/${account}`, { region });
      expect([refused.status, refused.body.code]).toEqual([503, 'UNAVAILABLE']);
    }
  }
  const racing = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      call('PATCH', `/members/${third.memberId}`, {
        region: REGION_NAMES[index % 2] as Region,
        body: { city: unique('raced') },
      }),
    ),
  );
  const done = racing.filter(({ status }) => status === 200);
  expect(new Set(done.map(versionIn)).size).toBe(done.length);
  expect(done.length).toBeGreaterThan(0);
  third.city = done.sort((a, b) => versionIn(a) - versionIn(b)).at(-1)?.body.profile.city;
  const stale = await call('PATCH', `/members/${first.memberId}`, { body: {}, headers: { 'if-match': '"1"' } });
  expect([stale.status, stale.body.code]).toEqual([412, 'VERSION_MISMATCH']);
  expect(Number((await register([], { region: 'B' })).memberId)).toBeGreaterThan(0);

  for (const name of SERVERS) await restart(name);
  await eventually(() => engine('b1-B').role === 'writer');
  await turn(`units/${UNIT}`, { writer: 'B', mode: 'database' });
  const home = await reached('database');
  expect(home.epoch).toBeGreaterThan(fallback.epoch);
  for (const { memberId, city, account } of told) {
    const { row } = await parts.shards.members.read(memberId, 'B', 5000);
    expect([row?.document.profile.city ?? '', Math.floor((row?.document.version ?? 0) / 2 ** 32)]).toEqual([
      city,
      home.epoch,
    ]);
    if (account !== undefined) expect(row?.document.accounts).toMatchObject([{ account }]);
    for (const region of REGION_NAMES) {
      const answer = await eventually(async () => {
        const one = await read(memberId, region);
        return one.status === 200 && one.headers.get('degraded') === null ? one : undefined;
      });
      expect(answer.body.profile.city ?? '').toBe(city);
    }
  }
  await turn('failover/auto', 'off');
  await writes(`/members/${first.memberId}`, 'A', { city: unique('after') });
  await untilStoresAgree();
  const again = await call('PUT', `/members/${other.memberId}/accounts/app/${bound}`, {});
  expect([again.status, again.body.code]).toEqual([409, 'ACCOUNT_BOUND']);
}, 300_000);

const domainsAt = (urlOf: (name: DomainName) => string) =>
  Object.fromEntries(
    DOMAIN_NAMES.map((name) => {
      const { holds } = DOMAINS[name];
      const contactKey = String(secrets().contactKey);
      return [name, createDomain({ name, url: urlOf(name), holds, contactKey, log: SILENT })];
    }),
  ) as Record<DomainName, Domain>;

test('a canary goes the way of a fallback while its unit is well, is met by no caller, and says where the way ends', async () => {
  const memberId = canaryOf('a1');
  const announcer = createAnnouncer(parts);
  const unit = await parts.switches.unitNow('a1');
  const row = async () => (await parts.shards.recovery.rows([memberId], 'A')).get(memberId)?.document;
  const versionBefore = (await row())?.version ?? 0;
  const domains = domainsAt((name) => endpoints().domains[name]);
  await sing({ ...parts, announcer, domains }, 'a1', unit);
  const document = await row();
  // Put under one version, and replayed as the next.
  expect(document?.version).toBeGreaterThanOrEqual(versionBefore + 2);
  expect(document?.status).toBe('closed');
  expect((await call('GET', `/members/${memberId}`)).status).toBe(410);
  expect(await parts.arbiter.commands.ofMember('a1', memberId)).toEqual([]);

  const nowhere = domainsAt(() => `http://${NOBODY.host}:${NOBODY.port}`);
  // The system's own canary may be on its way at the same time.
  const failure = () => sing({ ...parts, announcer, domains: nowhere }, 'a1', unit).catch(({ message }) => message);
  expect(await eventually(failure)).toBe('no search domain shows what was journaled');
  // What it has left is brought to its end by the next one.
  await sing({ ...parts, announcer, domains }, 'a1', unit);
  expect(await parts.arbiter.commands.ofMember('a1', memberId)).toEqual([]);
  await Promise.all([...Object.values(domains), ...Object.values(nowhere)].map((domain) => domain.close()));
}, 60_000);
