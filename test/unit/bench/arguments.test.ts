import { readArguments, WrongUsage } from '../../../bench/arguments';
import { FULL_MINUTES, paceOf, QUICK_MINUTES } from '../../../bench/pace';

const NAMES = ['guards', 'bind'];

test('without options everything is measured, and the table written', () => {
  expect(readArguments([], NAMES)).toMatchObject({ only: [], budgetMinutes: FULL_MINUTES, writesReadme: true });
});

test.each([[['--quick']], [['--only', 'bind']], [['--budget', '5']]])('%j leaves the table as it is', (words) => {
  expect(readArguments(words, NAMES).writesReadme).toBe(false);
  expect(readArguments([...words, '--readme'], NAMES).writesReadme).toBe(true);
});

test('quick is a budget', () => {
  expect(readArguments(['--quick'], NAMES).budgetMinutes).toBe(QUICK_MINUTES);
});

test.each([
  [['--only', 'nothing'], 'There is no "nothing"'],
  [['--profile', 'nothing'], 'There is no "nothing"'],
  [['--budget', '1'], '--budget takes minutes'],
  [['--budget', 'x'], '--budget takes minutes'],
  [['--quick', '--budget', '5'], 'give one of the two'],
  [['--fast'], 'There are: --only'],
  [['bind'], 'There are: --only'],
])('%j is refused with what there is', (words, reason) => {
  expect(() => readArguments(words, NAMES)).toThrow(WrongUsage);
  expect(() => readArguments(words, NAMES)).toThrow(reason);
});

test('less time means fewer rounds, but never so few that they say nothing', () => {
  const [full, half, least] = [paceOf(FULL_MINUTES), paceOf(FULL_MINUTES / 2), paceOf(0)];
  expect(half.handlerPairs).toBeLessThan(full.handlerPairs);
  expect(paceOf(60)).toEqual(full);
  for (const value of Object.values(least)) expect(value).toBeGreaterThanOrEqual(1);
  expect(least.handlerPairs).toBeGreaterThanOrEqual(3);
});
