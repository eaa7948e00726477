import { REGIONS } from '../../../topology';
import { until } from '../cache/until';
import { documentAt, eventOf, newMemberId } from './one-unit';
import { StandInTopics } from './topics';

const PATIENT_MS = 20_000;

let topics: StandInTopics;
beforeAll(async () => {
  topics = await StandInTopics.start();
});
afterEach(() => topics.reset());
afterAll(() => topics.stop());

const newEvent = () => eventOf(documentAt(newMemberId(), 1, 1, 'told'));

test.each(REGIONS)('an event goes to the topic of region %s that was asked for, and to no other', async (region) => {
  const event = newEvent();
  expect(await topics.publisher().publish(event, region, PATIENT_MS)).toBe(true);
  expect(topics.accepted).toEqual([{ topic: region, events: [event] }]);
});

test('what a topic refuses is said to be refused, and the next event is tried all the same', async () => {
  const publisher = topics.publisher();
  topics.refusing.add('A');
  expect(await publisher.publish(newEvent(), 'A', PATIENT_MS)).toBe(false);
  topics.refusing.clear();
  expect(await publisher.publish(newEvent(), 'A', PATIENT_MS)).toBe(true);
});

test('a topic that cannot be reached refuses', async () => {
  const lost = await StandInTopics.start();
  const publisher = lost.publisher();
  lost.stop();
  expect(await publisher.publish(newEvent(), 'A', PATIENT_MS)).toBe(false);
});

test('events of a busy moment travel together, in their order, and each hears what became of it', async () => {
  const publisher = topics.publisher();
  const events = Array.from({ length: 200 }, newEvent);
  const outcomes = await Promise.all(events.map((event) => publisher.publish(event, 'A', PATIENT_MS)));
  expect(outcomes).toEqual(events.map(() => true));
  expect(topics.events).toEqual(events);
  expect(topics.accepted.length).toBeLessThan(10);
});

test('who has waited long enough for a topic that hangs is told so, and what was not sent by then never is', async () => {
  const publisher = topics.publisher();
  topics.hanging.add('A');
  const [sent, waiting, patient] = [newEvent(), newEvent(), newEvent()];
  const sending = publisher.publish(sent, 'A', 200);
  await until(() => topics.unanswered === 1);
  const waits = [publisher.publish(waiting, 'A', 50), publisher.publish(patient, 'A', PATIENT_MS)];
  expect(await sending).toBe(false);
  expect(await waits[0]).toBe(false);
  topics.wake();
  expect(await waits[1]).toBe(true);
  expect(topics.events).toEqual([sent, patient]);
});

test('a topic that refuses again and again is not asked for a while, and who needs it hears so at once', async () => {
  const publisher = topics.publisher();
  topics.refusing.add('A');
  for (const _ of ['once', 'twice']) expect(await publisher.publish(newEvent(), 'A', PATIENT_MS)).toBe(false);
  topics.refusing.clear();
  expect(await publisher.publish(newEvent(), 'A', PATIENT_MS)).toBe(false);
  expect(topics.accepted).toEqual([]);
  expect(await publisher.publish(newEvent(), 'B', PATIENT_MS)).toBe(true);
  await until(() => publisher.publish(newEvent(), 'A', PATIENT_MS));
});

test('who tries whether a topic is back waits a moment only', async () => {
  const publisher = topics.publisher();
  topics.refusing.add('A');
  for (const _ of ['once', 'twice']) expect(await publisher.publish(newEvent(), 'A', PATIENT_MS)).toBe(false);
  topics.refusing.clear();
  topics.hanging.add('A');
  const asking: Promise<boolean>[] = [];
  await until(() => {
    asking.push(publisher.publish(newEvent(), 'A', PATIENT_MS));
    return topics.unanswered === 1;
  });
  expect(await Promise.all(asking)).toEqual(asking.map(() => false));
  // By then the stand-in would know of a try that was given up. It goes on.
  expect(await publisher.publish(newEvent(), 'B', PATIENT_MS)).toBe(true);
  expect(topics.unanswered).toBe(1);
});

test('a topic that hangs holds up no other one', async () => {
  const publisher = topics.publisher();
  topics.hanging.add('A');
  const hanging = publisher.publish(newEvent(), 'A', 500);
  await until(() => topics.unanswered === 1);
  expect(await publisher.publish(newEvent(), 'B', PATIENT_MS)).toBe(true);
  expect(await hanging).toBe(false);
});
