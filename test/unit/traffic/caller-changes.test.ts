import fc from 'fast-check';
import type { Caller } from '../../../lambdas/arbiter';
import { addKey, type CallerEdit, ChangeRefused, isLive, MOST_LIVE_KEYS, retireKeys } from '../../../lambdas/traffic';
import { callerNamed, keyOf } from './registry';

const NOW_MS = 1_000_000;

function edited(caller: Caller, edit: CallerEdit, nowMs = NOW_MS): Caller {
  return { ...caller, ...edit(caller, nowMs)?.caller };
}

test('a rotated key goes on beside the new one for as long as it was said, and no longer', () => {
  const { keys } = edited(callerNamed('shop'), addKey(keyOf('new'), 5_000));
  expect(keys).toEqual([keyOf('shop-secret', NOW_MS + 5_000), keyOf('new')]);
});

test('a rotation does not lengthen the life of a key', () => {
  const shop = callerNamed('shop', { keys: [keyOf('old', NOW_MS + 100)] });
  expect(edited(shop, addKey(keyOf('new'), 5_000)).keys).toEqual([keyOf('old', NOW_MS + 100), keyOf('new')]);
});

test('a third key is refused, unless the others end with it', () => {
  const shop = callerNamed('shop', { keys: [keyOf('a'), keyOf('b')] });
  expect(() => edited(shop, addKey(keyOf('c'), 1))).toThrow('Caller shop has 2 live keys. Retire the older one first');
  expect(edited(shop, addKey(keyOf('c'), 0)).keys).toEqual([keyOf('c')]);
});

test('retiring ends all but the newest, and never the last one', () => {
  const shop = callerNamed('shop', { keys: [keyOf('a'), keyOf('b')] });
  expect(edited(shop, retireKeys()).keys).toEqual([keyOf('b')]);
  expect(() => edited(callerNamed('shop'), retireKeys())).toThrow('Caller shop has one live key only');
  const over = callerNamed('shop', { keys: [keyOf('a', NOW_MS), keyOf('b')] });
  expect(() => edited(over, retireKeys())).toThrow(ChangeRefused);
});

test('whatever is rotated and retired in whatever order, never more than two keys live, and the last one stays', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('rotate' as const),
      overlapMs: fc.nat(50),
      lifeMs: fc.option(fc.integer({ min: 1, max: 90 })),
    }),
    fc.record({ kind: fc.constant('retire' as const) }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.nat(30)), { maxLength: 30 }), (steps) => {
      let nowMs = NOW_MS;
      let caller: Caller = callerNamed('shop', { keys: [keyOf('first')] });
      steps.forEach(([one, pauseMs], index) => {
        nowMs += pauseMs;
        const newest = caller.keys.at(-1);
        const expiry = one.kind === 'rotate' && one.lifeMs !== null ? nowMs + one.lifeMs : undefined;
        const edit = one.kind === 'retire' ? retireKeys() : addKey(keyOf(`k${index}`, expiry), one.overlapMs);
        try {
          caller = edited(caller, edit, nowMs);
        } catch (error) {
          if (!(error instanceof ChangeRefused)) throw error;
        }
        const live = caller.keys.filter((key) => isLive(key, nowMs));
        expect(live.length).toBeLessThanOrEqual(MOST_LIVE_KEYS);
        if (newest !== undefined && isLive(newest, nowMs)) expect(live.length).toBeGreaterThan(0);
      });
    }),
  );
});
