import { WakeUp } from '../../../local/front/wake-up';

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  void promise.then(() => {
    pending = false;
  });
  await new Promise(setImmediate);
  return pending;
}

test('one announcement wakes one that waits', async () => {
  const work = new WakeUp();
  const waits = [work.wait(), work.wait()];
  work.announce();
  expect(await Promise.all(waits.map(isPending))).toEqual([false, true]);
  work.announceToAll();
  await Promise.all(waits);
});

test('what is announced while nobody waits is not missed, and counts once', async () => {
  const work = new WakeUp();
  work.announce();
  work.announce();
  await work.wait();
  const second = work.wait();
  expect(await isPending(second)).toBe(true);
  work.announce();
  await second;
});

test('a wait ends by itself, and takes no announcement along', async () => {
  const work = new WakeUp();
  await work.wait(5);
  const other = work.wait();
  work.announce();
  await other;
});
