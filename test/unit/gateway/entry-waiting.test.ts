import { Entry } from '../../../local/gateway/entry';
import type { Waiting } from '../../../local/gateway/invocation';
import { SetClock } from '../traffic/registry';

const isDrop = () => false;

/** A request that is ended, or has its turn come, by whoever tests. */
function request() {
  const steps: { begin?: Waiting['begin']; mayWait?: () => boolean; goOn?: () => void; end?: () => void } = {};
  const call = (waiting: Waiting) => {
    steps.begin = waiting.begin;
    steps.mayWait = () => waiting.isOpen;
    return new Promise<void>((resolve) => {
      steps.end = resolve;
    });
  };
  return { steps, call };
}

/** How many of so many requests are let in at once. */
async function letIn(entry: Entry, count: number): Promise<number> {
  const requests = Array.from({ length: count }, request);
  const ended = requests.map(({ call }) => entry.run(call, isDrop).catch(() => undefined));
  await Promise.resolve();
  const inside = requests.filter(({ steps }) => steps.end !== undefined);
  for (let at = 0; at < count; at += 1) {
    requests[at]?.steps.end?.();
    await ended[at];
  }
  return inside.length;
}

/** How many a new one lets in, before anything is known of how long requests take. */
const PLACES = letIn(new Entry('marketing', new SetClock()), 100);

test('requests that wait for their turn hold no place of their class, and go on at once', async () => {
  const places = await PLACES;
  const entry = new Entry('marketing', new SetClock());
  const waiting = Array.from({ length: 2 * places }, request);
  const ended = waiting.map(async ({ steps, call }) => {
    const running = entry.run(call, isDrop);
    const goOn = steps.begin?.();
    if (goOn !== undefined) steps.goOn = goOn;
    return running;
  });
  expect(waiting.every(({ steps }) => steps.goOn !== undefined)).toBe(true);
  expect(await letIn(entry, 100)).toBe(places);
  for (const { steps } of waiting) {
    steps.goOn?.();
    steps.end?.();
  }
  await Promise.all(ended);
  // All have left: they were quick, so it may be more by now.
  expect(await letIn(entry, 100)).toBeGreaterThanOrEqual(places);
});

test('a request that is given up while it waits leaves once, and what it says later counts no more', async () => {
  for (const isHeard of [false, true]) {
    const entry = new Entry('marketing', new SetClock());
    const { steps, call } = request();
    const running = entry.run(call, isDrop);
    const goOn = steps.begin?.();
    steps.end?.();
    await running;
    if (isHeard) goOn?.();
    expect(await letIn(entry, 100)).toBe(await PLACES);
  }
});

test('the time of a wait is not taken for the time of a request', async () => {
  const clock = new SetClock();
  const entry = new Entry('marketing', clock);
  for (let at = 0; at < 100; at += 1) {
    const { steps, call } = request();
    const running = entry.run(call, isDrop);
    // At first nobody has to wait, so that it is known how long a request takes.
    const goOn = at < 50 ? undefined : steps.begin?.();
    if (goOn !== undefined) clock.ms += 5000;
    goOn?.();
    clock.ms += 1;
    steps.end?.();
    await running;
  }
  // Whoever takes five seconds would bring it down to its least.
  expect(await letIn(entry, 100)).toBe(await PLACES);
});

/** An entry that lets in as many as it ever does: many came at a time, and were quick. */
async function wide(): Promise<Entry> {
  const clock = new SetClock();
  const entry = new Entry('marketing', clock);
  for (let round = 0; round < 200; round += 1) {
    clock.ms += 20;
    await letIn(entry, 60);
  }
  return entry;
}

/** As many as would wait of 200; whoever must not is away again. */
async function fillWithWaiting(entry: Entry) {
  const waiting = Array.from({ length: 200 }, request);
  const ended = waiting.map(({ steps, call }) => {
    const running = entry.run(call, isDrop);
    const mayWait = steps.mayWait?.();
    const goOn = steps.begin?.();
    expect(mayWait ?? false).toBe(goOn !== undefined);
    if (goOn === undefined) steps.end?.();
    else steps.goOn = goOn;
    return running.catch(() => undefined);
  });
  await Promise.resolve();
  const count = waiting.filter(({ steps }) => steps.goOn !== undefined).length;
  const end = async () => {
    for (const { steps } of waiting) steps.end?.();
    await Promise.all(ended);
  };
  return { count, end };
}

test('however many would wait for their turn, half of what the class may have is left to who does not', async () => {
  const entry = await wide();
  const { count, end } = await fillWithWaiting(entry);
  expect(count).toBe(24);
  expect(await letIn(entry, 20)).toBe(20);
  await end();
});

test('no more are let in beside those that wait than leave others of what the function has in reserve', async () => {
  const entry = await wide();
  const { end } = await fillWithWaiting(entry);
  const inside = Array.from({ length: 24 }, request);
  const outcomes = inside.map(({ call: one }) => entry.run(one, isDrop));
  const { steps, call } = request();
  const beyond = entry.run(call, isDrop).catch((error: unknown) => error);
  steps.end?.();
  expect(await beyond).toMatchObject({ code: 'SHED', details: { rule: 'limit/requests' } });
  for (const one of inside) one.steps.end?.();
  await Promise.all(outcomes);
  await end();
});

test('where nobody has given up a place, whoever comes to a full entry waits for one as before', async () => {
  const entry = await wide();
  const inside = Array.from({ length: 48 }, request);
  const ended = inside.map(({ call }) => entry.run(call, isDrop));
  const last = request();
  const waits = entry.run(last.call, isDrop);
  for (const { steps } of inside) steps.end?.();
  await Promise.all(ended);
  last.steps.end?.();
  await expect(waits).resolves.toBeUndefined();
});
