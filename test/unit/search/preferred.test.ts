import { isProblem, unavailable } from '../../../lambdas/core';
import { PreferredDomains } from '../../../lambdas/search';
import type { DomainName } from '../../../topology';
import { keptLog } from '../gateway/hosted';

const PATIENCE_MS = 20;
/** Longer than anybody here waits. */
const NEVER = new Promise<never>(() => undefined);

type Answer = () => Promise<string | undefined>;

const says =
  (text: string | undefined): Answer =>
  async () =>
    text;
const fails: Answer = async () => {
  throw unavailable('no answer');
};
const hangs: Answer = () => NEVER;

/** Domains that answer as they are told, at a time that stands still until it is moved. */
function domainsThat(answers: Partial<Record<DomainName, Answer>>) {
  const time = { monotonicMs: 0 };
  const asked: string[] = [];
  const log = keptLog();
  const names: readonly DomainName[] = ['order', 'standby', 'marketing'];
  const domains = new PreferredDomains({
    domains: Object.fromEntries(names.map((name) => [name, { name }])) as never,
    clock: { nowMs: () => 0, monotonicMs: () => time.monotonicMs },
    log,
  });
  const first = (...preference: DomainName[]) =>
    domains.first(preference, PATIENCE_MS, ({ name }) => {
      asked.push(name);
      return answers[name]?.() ?? fails();
    });
  /** Takes the names of those who were asked since the last time. */
  const takeAsked = () => asked.splice(0);
  return { answers, domains, first, takeAsked, time, log };
}

/** Asks both until the first one has failed so often, and for so long, that it is left alone. */
async function opened(answer: Answer) {
  const under = domainsThat({ order: answer, standby: says('standby') });
  for (const atMs of [0, 0, 200]) {
    under.time.monotonicMs = atMs;
    await under.first('order', 'standby');
  }
  under.takeAsked();
  return under;
}

test('the preferred domain answers, and no other is asked', async () => {
  const { first, takeAsked } = domainsThat({ order: says('order'), standby: says('standby') });
  expect(await first('order', 'standby')).toEqual({ domain: 'order', value: 'order' });
  expect(takeAsked()).toEqual(['order']);
});

test('where one fails, or has no answer, the next is asked', async () => {
  const { first } = domainsThat({ order: fails, standby: says(undefined), marketing: says('marketing') });
  expect(await first('order', 'standby', 'marketing')).toMatchObject({ domain: 'marketing' });
  expect(await first('order', 'standby')).toBeUndefined();
});

test('one that stalls is waited for only as long as there is patience, while another can answer', async () => {
  const { first } = domainsThat({ order: hangs, standby: says('standby') });
  expect(await first('order', 'standby')).toEqual({ domain: 'standby', value: 'standby' });
});

test('the last one gets all its time', async () => {
  const late: Answer = () => new Promise((resolve) => setTimeout(resolve, 3 * PATIENCE_MS, 'late'));
  expect(await domainsThat({ order: late }).first('order')).toMatchObject({ value: 'late' });
  expect(await domainsThat({ order: fails, standby: late }).first('order', 'standby')).toMatchObject({ value: 'late' });
});

test('what a slow one comes to is the answer where the others fail', async () => {
  const late: Answer = () => new Promise((resolve) => setTimeout(resolve, 3 * PATIENCE_MS, 'late'));
  const { first } = domainsThat({ order: late, standby: fails });
  expect(await first('order', 'standby')).toEqual({ domain: 'order', value: 'late' });
});

test.each([
  ['fails', fails],
  ['stalls', hangs],
])('one that %s again and again is not asked any more, then by one request at a time', async (_, answer) => {
  const { answers, first, takeAsked, time, log } = await opened(answer);
  await first('order', 'standby');
  expect(takeAsked()).toEqual(['standby']);
  expect(log.lines.map(({ message }) => message)).toEqual(['a dependency is left alone']);
  time.monotonicMs += 1000;
  answers.order = hangs;
  await Promise.all([first('order', 'standby'), first('order', 'standby')]);
  expect(takeAsked().sort()).toEqual(['order', 'standby', 'standby']);
  // It failed again: twice as long.
  time.monotonicMs += 2000;
  answers.order = says('order');
  expect(await first('order', 'standby')).toMatchObject({ domain: 'order' });
  expect(await first('order', 'standby')).toMatchObject({ domain: 'order' });
});

test('one of which another class has no second is left alone as well, and says when to come again', async () => {
  const { first, takeAsked } = await opened(fails);
  const refusal = await first('order').catch((error: unknown) => error);
  expect(isProblem(refusal, 'UNAVAILABLE') && refusal.details.retryAfterMs).toBeGreaterThan(0);
  expect(takeAsked()).toEqual([]);
});

test('a request that is wrong says nothing about the domains', async () => {
  const wrong: Answer = async () => {
    throw new RangeError('the query is wrong');
  };
  const { answers, first, time } = domainsThat({ order: wrong, standby: wrong });
  for (const atMs of [0, 0, 200, 400]) {
    time.monotonicMs = atMs;
    await expect(first('order', 'standby')).rejects.toThrow('the query is wrong');
  }
  answers.order = says('order');
  expect(await first('order', 'standby')).toMatchObject({ domain: 'order' });
});

test('one that an operator holds back is not asked, however well it is, until it is let go', async () => {
  const { domains, first, takeAsked, log } = domainsThat({ order: says('order'), standby: says('standby') });
  domains.isolate(['order']);
  domains.isolate(['order']);
  expect(await first('order', 'standby')).toMatchObject({ domain: 'standby' });
  expect(takeAsked()).toEqual(['standby']);
  expect(isProblem(await first('order').catch((error: unknown) => error), 'UNAVAILABLE')).toBe(true);
  domains.isolate([]);
  expect(await first('order', 'standby')).toMatchObject({ domain: 'order' });
  expect(log.lines.map(({ message }) => message)).toEqual([
    'a dependency is left alone',
    'a dependency is asked again',
  ]);
});
