import { drillPage } from '../../drills/page';
import { chart, niceStep } from '../../drills/page/chart';
import { hasPassed } from '../../drills/report';
import { REPORT } from './report';

test('the page tells figures, verdicts, what was lost and what was run, and holds no markup of what it tells', () => {
  const page = drillPage([REPORT]);
  for (const text of [
    '2.0 s',
    'all is well',
    '3 of 3',
    '123',
    'npm run local -- restart it',
    'It shows &#60;what&#62; &#38; how.',
  ]) {
    expect(page).toContain(text);
  }
  expect(page).not.toContain('<what>');
  expect(page).not.toMatch(/https?:|NaN|undefined|Infinity/);
});

test('a report has passed if it was carried through and everything held', () => {
  expect(hasPassed(REPORT)).toBe(true);
  expect(hasPassed({ ...REPORT, brokenOff: 'the arbiter is away' })).toBe(false);
  expect(hasPassed({ ...REPORT, verdicts: [{ holds: false, expected: '', measured: '' }] })).toBe(false);
});

test('each second and each mark is drawn once', () => {
  const drawn = chart(REPORT.seconds, REPORT.marks, REPORT.lastedS);
  expect(drawn.match(/<title>/g)).toHaveLength(REPORT.seconds.length);
  expect(drawn.match(/class="mark /g)).toHaveLength(REPORT.marks.length);
  expect(drawn.match(/class="failed"/g)).toHaveLength(1);
});

test('a drill that nobody called is drawn all the same', () => {
  expect(chart([], [], 0)).not.toMatch(/NaN|Infinity/);
});

test.each([
  [100, 4, 50],
  [9, 4, 5],
  [60, 12, 5],
  [1, 4, 0.5],
])('an axis of %d in at most %d parts has steps of %d', (range, most, step) => {
  expect(niceStep(range, most)).toBeCloseTo(step);
});
