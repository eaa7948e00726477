import { summaryText } from '../../drills/terminal';
import { REPORT } from './report';

test('the summary tells each kind of call, what was lost, and what did not hold', () => {
  const verdicts = [...REPORT.verdicts, { holds: false, expected: 'nothing is lost', measured: '1 of 2' }];
  const lines = summaryText({ ...REPORT, verdicts }).split('\n');
  const line = (text: string) => lines.find((one) => one.includes(text)) ?? '';
  expect(line('get in A').trim().split(/\s+/)).toEqual(['get', 'in', 'A', '3', '1', '2.0', '10', '10']);
  expect(line('lost: ')).toContain('patch of 123 in B, version 8');
  expect(line('all is well')).toMatch(/^ {2}ok/);
  expect(line('nothing is lost')).toMatch(/^ {2}FAILED.*1 of 2/);
  expect(lines.at(-1)).toBe('  FAILED');
});

test('errors that never ended are told as such', () => {
  const calls = REPORT.calls.map((one) => ({ ...one, isOpen: true }));
  expect(summaryText({ ...REPORT, calls })).toContain('some calls failed until its end');
  expect(summaryText(REPORT)).toContain('errors had ended after 2.0 s');
  expect(summaryText({ ...REPORT, brokenOff: 'the arbiter is away' })).toContain('broken off: the arbiter is away');
});
