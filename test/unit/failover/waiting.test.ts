import { Waiting } from '../../../lambdas/failover/waiting';

function waiting() {
  const clock = { now: 5000, nowMs: () => 0, monotonicMs: () => clock.now };
  return { clock, waiting: new Waiting(clock) };
}

test('race 21: a run counts from its own first look, and believes what others recorded before', () => {
  const { clock, waiting: run } = waiting();
  run.look(7, 3000);
  expect(run.ms()).toBe(3000);
  clock.now += 2000;
  run.look(7, 3000);
  expect(run.ms()).toBe(5000);
  run.look(7, 6500);
  clock.now += 1;
  expect(run.ms()).toBe(6501);
});

test('a new epoch is waited for anew', () => {
  const { clock, waiting: run } = waiting();
  run.look(7, 0);
  clock.now += 60_000;
  run.look(8, 100);
  expect(run.ms()).toBe(100);
});
