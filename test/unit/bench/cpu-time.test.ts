import { readFileSync } from 'node:fs';
import { cpuTimeUs, differenceUs, parseBusyUs, parseStat } from '../../../bench/cpu-time';

test('fields are counted behind the name, whatever it holds', () => {
  const rest = 'S 17 1 1 0 -1 4194560 1 2 3 4 250 50 30 20 20 0 11 0 100 1 1';
  const expected = { parentPid: 17, ownUs: 3_000_000, childrenUs: 500_000 };
  expect(parseStat(`42 (node) ${rest}`)).toEqual(expected);
  expect(parseStat(`42 (a (b) 9 9 9) ${rest}`)).toEqual(expected);
});

test('the time of a process grows with its work; a process that is gone has none', () => {
  const beforeUs = cpuTimeUs(process.pid);
  const used = process.cpuUsage();
  // Twice the kernel's tick, by its own count.
  while (process.cpuUsage(used).user < 20_000);
  expect(cpuTimeUs(process.pid)).toBeGreaterThan(beforeUs);
  expect(cpuTimeUs(2 ** 22 + 1)).toBe(0);
});

test('differences name every process, and one that was restarted meanwhile used nothing less than nothing', () => {
  expect(differenceUs({ a: 10, b: 50 }, { a: 25, b: 5, c: 3 })).toEqual({ a: 15, b: 0, c: 3 });
});

test('a machine is busy with all but idling and waiting', () => {
  expect(parseBusyUs('cpu  10 1 5 1000 500 2 3 4 7 0\ncpu0 1 1')).toBe(250_000);
  expect(parseBusyUs(readFileSync('/proc/stat', 'utf8'))).toBeGreaterThan(0);
});
