import fc from 'fast-check';
import { RetryBudget } from '../../../lambdas/resilience';

const RESERVE = 10;
const SHARE = 0.08;

test('of any calls in any order no more are sent again than the reserve and eight in a hundred', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (fails) => {
      const budget = new RetryBudget();
      let again = 0;
      for (const [index, hasFailed] of fails.entries()) {
        budget.deposit();
        while (hasFailed && budget.withdraw()) again += 1;
        expect(again).toBeLessThanOrEqual(RESERVE + SHARE * (index + 1));
      }
    }),
  );
});

test('what failed now and then is sent again', () => {
  const budget = new RetryBudget();
  for (let call = 0; call < 1000; call += 1) {
    budget.deposit();
    if (call % 20 === 0) expect(budget.withdraw()).toBe(true);
  }
});

test('quiet times save up no more than the reserve', () => {
  const budget = new RetryBudget();
  for (let call = 0; call < 1000; call += 1) budget.deposit();
  let again = 0;
  while (budget.withdraw()) again += 1;
  expect(again).toBe(RESERVE);
});
