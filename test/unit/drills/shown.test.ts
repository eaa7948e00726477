import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FAULT_MARKS } from '../../../lib/alarms/faults';
import { DRILLS } from '../../drills/catalogue';
import { marksOf, ShownWatch, shownVerdicts } from '../../drills/shown';
import { temporaryDirectory } from '../../support/directory';

const [CACHE, DOMAIN] = FAULT_MARKS as readonly [(typeof FAULT_MARKS)[0], (typeof FAULT_MARKS)[0]];

test('what a drill kills has to be shown', () => {
  const marks = marksOf({
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'redis-B' } },
      { afterS: 1, act: { kind: 'freeze', engine: 'order' } },
      { afterS: 1, act: { kind: 'restart', engine: 'redis-B' } },
    ],
  });
  expect(marks).toEqual([CACHE]);
});

test('each fault is put to the test by a drill', () => {
  const tried = new Set(DRILLS.flatMap((drill) => marksOf(drill).map(({ fault }) => fault)));
  expect([...tried].sort()).toEqual(FAULT_MARKS.map(({ fault }) => fault).sort());
});

test('it has to be shown in time, or at all', () => {
  const holds = (shown: [string, number][]) => shownVerdicts([CACHE, DOMAIN], new Map(shown)).map((one) => one.holds);
  expect(
    holds([
      [CACHE.line, 59.9],
      [DOMAIN.line, 60.1],
    ]),
  ).toEqual([true, false]);
  expect(holds([])).toEqual([false, false]);
});

const system = temporaryDirectory('shown');

test('lines are told once, and not those of before', async () => {
  mkdirSync(join(system, 'logs'));
  const log = join(system, 'logs', 'api-A.log');
  const line = (message: string) => `${JSON.stringify({ level: 'WARN', message, region: 'A' })}\n`;
  writeFileSync(log, line(DOMAIN.line));
  const told: string[] = [];
  const watch = new ShownWatch(join(system, 'state.json'), [CACHE, DOMAIN], (one) => told.push(one));
  await watch.start();
  appendFileSync(log, line('something else') + line(CACHE.line) + line(CACHE.line));
  const deadlineMs = performance.now() + 5000;
  while (told.length === 0 && performance.now() < deadlineMs) await delay(20);
  appendFileSync(log, line(CACHE.line));
  await watch.stop();
  expect(told).toEqual([CACHE.line]);
});
