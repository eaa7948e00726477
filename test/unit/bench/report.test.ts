import type { Results } from '../../../bench/figures';
import { columns, markdown, spreadText } from '../../../bench/report/tables';
import { heading, readmeText, replaceResults, terminalText } from '../../../bench/report/text';
import { targetLines } from '../../../bench/targets';

const spread = (median: number) => ({ median, lowerQuartile: median, upperQuartile: median, rounds: 3 });

function resultsOf(cpuRatio: number, foreign = 0): Results {
  const series = { cpuUsEach: spread(10), perS: spread(100) };
  return {
    machine: { processor: 'P', cores: 2, memoryGib: 8, node: 'v20', kernel: '6', loadAverage: 0 },
    revision: { commit: 'abc', isDirty: true },
    startedAt: '2026-01-01T00:00:00.000Z',
    elapsedS: 60,
    budgetMinutes: 15,
    foreignCores: { 'cached-read': foreign },
    requests: {
      'cached-read': {
        handler: {
          comparison: { ours: series, bare: series, cpuRatio: spread(cpuRatio), rateRatio: spread(1), strayShare: 0 },
          trips: { 'redis-A': 1 },
          bareTrips: { 'redis-A': 1 },
        },
      },
    },
    failures: {},
  };
}

const cachedRead = (results: Results) => targetLines(results)[0];

test('a target is met up to its limit, and says what was measured', () => {
  expect(cachedRead(resultsOf(2.5))).toMatchObject({ measured: '2.50x', isMet: true });
  expect(cachedRead(resultsOf(2.51))).toMatchObject({ measured: '2.51x', isMet: false });
});

test('a target that was not measured is neither met nor missed', () => {
  const lines = targetLines({ ...resultsOf(1), requests: {} });
  expect(lines.every(({ measured, isMet }) => measured === undefined && isMet === undefined)).toBe(true);
});

test('the heading says when others used the machine, and that the tree differs from the commit', () => {
  expect(heading(resultsOf(1, 1.5)).join('\n')).toContain('NOT QUIET');
  expect(heading(resultsOf(1, 0.05)).join('\n')).toContain('quiet');
  expect(heading(resultsOf(1, 0.05)).join('\n')).not.toContain('NOT QUIET');
  expect(heading(resultsOf(1)).join('\n')).toContain('changes that are not committed');
});

test('results take the place of earlier ones, and nothing else changes', () => {
  const document = 'before\n<!-- results: written by npm run bench -->\nold\n<!-- end of results -->\nafter\n';
  const once = replaceResults(document, 'new');
  expect(once).toContain('before');
  expect(once).toContain('new');
  expect(once).not.toContain('old');
  expect(once).toContain('after');
  expect(replaceResults(once, 'new')).toBe(once);
});

test('a document without a place for results is an error', () => {
  expect(() => replaceResults('nothing', 'new')).toThrow('has no');
});

test('tables are written for documents and for terminals', () => {
  const table = [
    ['a', 'b'],
    ['long', 'x'],
  ];
  expect(markdown(table)).toBe('| a | b |\n|---|---|\n| long | x |');
  expect(columns(table)).toBe('a     b\nlong  x');
  expect(spreadText({ median: 2, lowerQuartile: 1.5, upperQuartile: 2.25, rounds: 4 }, 1)).toBe('2.0 (1.5-2.3)');
});

test('what could not be measured is said', () => {
  const results = { ...resultsOf(1), failures: { bind: 'it ended\nsomehow' } };
  expect(terminalText(results)).toContain('bind could not be measured: it ended');
  expect(readmeText(results)).toContain('bind could not be measured: it ended');
});
