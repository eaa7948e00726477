import { runDrill } from '../kills/drill';
import { Timeline } from '../kills/timeline';
import { untilStoresAgree } from './support/agreement';
import { type Answer, call, register, unique } from './support/client';
import { engine, eventually, kill, REGION_NAMES, restart } from './support/system';

/** A member whose unit has its home in this region: new ids are drawn there first. */
const homeMember = (region: 'A' | 'B') => register([`app:${unique('killed')}`], { region });

/** What is down may be answered by 503 with `Retry-After`, never by an error that nobody expected. */
function expectHonest(answer: Answer): void {
  if (answer.status < 500) return;
  expect([answer.status, answer.body.code]).toEqual([503, expect.stringMatching(/^(UNAVAILABLE|SHED)$/)]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

interface Acknowledged {
  readonly memberId: string;
  city: string;
}

/** A few of every kind of call in both regions, remembering what was acknowledged. */
async function use(members: readonly Acknowledged[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const region of REGION_NAMES) {
    for (const member of members) {
      const path = `/members/${member.memberId}`;
      const city = unique('city');
      const patched = await call('PATCH', path, { region, body: { city } });
      if (patched.status === 200) member.city = city;
      answers.push(patched, await call('GET', path, { region }));
      answers.push(await call('PUT', `${path}/accounts/card/${unique('card')}`, { region }));
      answers.push(await call('GET', `/accounts/app/${unique('nobody')}`, { region }));
      answers.push(await call('GET', '/members?phone=%2B4915199999999', { region }));
    }
    answers.push(await call('POST', '/members', { region, body: { profile: { name: 'While it is down' } } }));
  }
  for (const answer of answers) expectHonest(answer);
  return answers;
}

async function expectKept(members: readonly Acknowledged[]): Promise<void> {
  for (const { memberId, city } of members) {
    for (const region of REGION_NAMES) {
      const read = await call('GET', `/members/${memberId}`, { region });
      expect([read.status, read.body.profile.city]).toEqual([200, city]);
    }
  }
}

const FAULTS: readonly (readonly [string, readonly string[]])[] = [
  ['a cache, a search domain and the queues of the other region', ['redis-A', 'order', 'sqs-B']],
  ['the writer of a unit', ['a1-A']],
  ['the arbiter and a replica', ['arbiter', 'b1-A']],
];

test.each(FAULTS)(
  'killing %s loses nothing',
  async (_, names) => {
    const members: Acknowledged[] = [
      { memberId: (await homeMember('A')).memberId, city: '' },
      { memberId: (await homeMember('B')).memberId, city: '' },
    ];
    await use(members);
    for (const name of names) kill(name);
    await eventually(() => names.every((name) => engine(name).pid === null));
    const during = await use(members);
    expect(during.some(({ status }) => status < 300)).toBe(true);
    // Losing a unit, a cache or a domain costs new members nothing: another unit takes them.
    const registered = during.filter(({ headers }) => headers.has('location'));
    if (!names.includes('arbiter')) expect(registered).toHaveLength(REGION_NAMES.length);
    await Promise.all(names.map(restart));
    await eventually(async () => (await use(members)).every(({ status }) => status < 500), 60_000);
    await expectKept(members);
  },
  300_000,
);

test('a killed process of functions comes back by itself, and after all that was killed every store agrees', async () => {
  const members: Acknowledged[] = [{ memberId: (await homeMember('A')).memberId, city: '' }];
  const pids = ['api-A', 'tasks-A', 'front'].map((name) => engine(name).pid);
  for (const name of ['api-A', 'tasks-A', 'front']) kill(name);
  await eventually(async () => {
    const isBack = ['api-A', 'tasks-A', 'front'].every((name, i) => engine(name).pid && engine(name).pid !== pids[i]);
    return isBack && (await call('GET', '/members/1')).status === 404;
  }, 60_000);
  await eventually(async () => (await use(members)).every(({ status }) => status < 500), 60_000);
  await untilStoresAgree();
  await expectKept(members);
}, 300_000);

test('a writer and an API that are frozen for a while go on as if nothing had been, and the others meanwhile', async () => {
  const lines: string[] = [];
  const seed = Date.now() % 1e6;
  const faults = ['a1-A', 'api-B'].map((name) => ({ kind: 'pause', engines: [name] }) as const);
  const { failures } = await runDrill(
    faults,
    seed,
    new Timeline((line) => lines.push(line)),
    new AbortController().signal,
  );
  if (failures.length > 0) throw new Error(`seed ${seed}\n${failures.join('\n')}\n${lines.join('\n')}`);
}, 300_000);
