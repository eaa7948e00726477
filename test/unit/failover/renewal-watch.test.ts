import { RenewalWatch } from '../../../lambdas/failover';
import { UNITS } from './looks';

test('it is known since when the renewals stand where they do, of each unit for itself', () => {
  const watch = new RenewalWatch();
  expect(watch.of('a1')).toBeUndefined();
  const renewed = (renewals: number, epoch = 1) => UNITS.map((unit) => ({ ...unit, epoch, renewals }));
  watch.note(renewed(4), 100);
  watch.note(renewed(4), 200);
  expect(watch.of('a1')).toEqual({ epoch: 1, renewals: 4, sinceMs: 100 });
  watch.note(renewed(5).slice(0, 1), 300);
  expect(watch.of('a1')).toEqual({ epoch: 1, renewals: 5, sinceMs: 300 });
  expect(watch.of('b1')).toEqual({ epoch: 1, renewals: 4, sinceMs: 100 });
  watch.note(renewed(5, 2), 400);
  expect(watch.of('a1')).toEqual({ epoch: 2, renewals: 5, sinceMs: 400 });
});
