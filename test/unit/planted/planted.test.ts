import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needsSystem } from '../../../scripts/testing/needs-system';
import { judgePlanted } from '../../../scripts/testing/planted';
import { NOT_YET, PLANTED_BUGS } from '../../planted';

const ROOT = join(__dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const between = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
/** Races of docs/races.md that can happen before a unit fails over. */
const RACES = [...between(1, 14), ...between(16, 19), ...between(21, 23), ...between(25, 27), ...between(41, 57)];

test.each(PLANTED_BUGS)('$name can be planted, and names a test that exists', ({ file, from, to, caughtBy }) => {
  expect(read(file).split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
  expect(read(caughtBy.file)).toContain(caughtBy.test);
});

test('every race that can happen is told of, with its tests', () => {
  const told = [...read('docs/races.md').matchAll(/^\| (\d+) \| .{20,} \| .{20,} \| \[.+\]\(\.\.\/test\/.+ \|$/gm)];
  const expected = RACES.filter((race) => NOT_YET[race] === undefined);
  expect(told.map(([, race]) => Number(race))).toEqual(expect.arrayContaining(expected));
});

test('no two bugs bear one name', () => {
  expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
});

test.each(RACES.filter((race) => NOT_YET[race] === undefined))(
  'race %i has a planted bug, and a test named after it',
  (race) => {
    const bugs = PLANTED_BUGS.filter(({ races }) => races.includes(race));
    expect(bugs).not.toEqual([]);
    const named = new RegExp(`\\braces? (\\d+, )*${race}\\b`);
    expect(bugs.filter(({ caughtBy }) => named.test(caughtBy.test)).map(({ name }) => name)).not.toEqual([]);
  },
);

describe('a bug', () => {
  const guard = { file: 'a.test.ts', test: 'race 1' };
  const outcome = (name: string, status: 'passed' | 'failed' | 'skipped') => ({
    tests: [{ file: '', name, status, messages: ['expected'] }],
  });

  test('is caught only by its own test', () => {
    expect(judgePlanted(outcome('race 1: x', 'failed'), guard).kind).toBe('caught');
    expect(judgePlanted(outcome('race 1: x', 'passed'), guard).kind).toBe('unnoticed');
    expect(judgePlanted(outcome('race 2: x', 'failed'), guard).kind).toBe('broken');
    expect(judgePlanted(outcome('race 1: x', 'skipped'), guard).kind).toBe('broken');
  });

  test('is caught by any row of a test that is run for each', () => {
    const { tests: rows } = outcome('race 1: x', 'passed');
    expect(judgePlanted({ tests: [...rows, ...outcome('race 1: y', 'failed').tests] }, guard).kind).toBe('caught');
  });

  test('is not caught by an engine that did not start', () => {
    const message = 'connect ECONNREFUSED 127.0.0.1:1';
    const tests = [{ file: '', name: 'race 1: x', status: 'failed' as const, messages: [message] }];
    expect(judgePlanted({ tests }, guard)).toEqual({ kind: 'broken', message });
  });

  test('is not caught by a suite that cannot be loaded', () => {
    expect(judgePlanted({ tests: [] }, guard).kind).toBe('broken');
  });
});

describe('a system is started', () => {
  const files: Readonly<Record<string, string>> = {
    'test/unit/a.test.ts': "import '../region/support/system';",
    'test/engine/a.test.ts': "import { port } from './own';",
    'test/engine/own.ts': "import '../support';",
    'test/engine/b.test.ts': "import './own';\nimport '../region/support/client';",
    'test/region/support/client.ts': "export * from './system';\nimport '../../engine/b.test';",
    'test/region/support/system.ts': 'process.env.TWINKEEP_TEST_STATE',
    'test/support/index.ts': "import '../../lambdas/core';",
    'lambdas/core/index.ts': 'TWINKEEP_TEST_STATE',
  };

  test.each([
    ['test/unit/a.test.ts', false],
    ['test/engine/a.test.ts', false],
    ['test/engine/b.test.ts', true],
    ['test/nowhere.test.ts', false],
  ])('for %s: %s', (file, isNeeded) => {
    expect(needsSystem(file, (path) => files[path])).toBe(isNeeded);
  });

  test('for the tests of regions and of search, and not for those that start engines of their own', () => {
    expect(
      ['test/region/races/cache.test.ts', 'test/engine/search/write.test.ts'].map((file) => needsSystem(file)),
    ).toEqual([true, true]);
    expect(
      ['test/engine/cache/regions.test.ts', 'test/engine/shards/races.test.ts'].some((file) => needsSystem(file)),
    ).toBe(false);
  });
});
