import fc from 'fast-check';
import { checkHistory, describeViolations, type Outcome } from '../../support/history';
import { recorded, UNKNOWN } from './histories';
import { type Answered, anyCall, sequentialRun } from './world-histories';

const calls = fc.array(anyCall, { minLength: 1, maxLength: 40 });
/** How long before and after the moment at which it takes effect a call begins and ends. */
const width = fc.tuple(fc.nat(60), fc.nat(60));
const isWrite = (outcome: Outcome) => outcome.kind === 'ok' && outcome.items === undefined;

function widened(run: readonly Answered[], widths: readonly (readonly [number, number])[]) {
  return recorded(
    run.map(([call, outcome], index) => {
      const at = 10 * index + 1000;
      const [before, after] = widths[index % Math.max(1, widths.length)] ?? [0, 0];
      // No two events at one place.
      const place = index / 1000;
      return { call, outcome, from: at - before - 1 + place, to: at + after + 1 + place };
    }),
  );
}

test('whatever the model answers one after another is accepted, however long each call took', () => {
  fc.assert(
    fc.property(calls, fc.array(width, { maxLength: 50 }), (asked, widths) => {
      expect(describeViolations(checkHistory(widened(sequentialRun(asked), widths)))).toBe('');
    }),
    { numRuns: 100 },
  );
});

test('it is accepted too where the answers of some writes are lost', () => {
  fc.assert(
    fc.property(calls, fc.array(width, { maxLength: 50 }), fc.array(fc.boolean()), (asked, widths, lost) => {
      const run = sequentialRun(asked).map(([call, outcome], index): Answered => {
        const isLost = lost[index % Math.max(1, lost.length)] === true;
        return [call, isLost && isWrite(outcome) && call.kind !== 'get' && call.kind !== 'find' ? UNKNOWN : outcome];
      });
      const history = widened(run, widths);
      expect(describeViolations(checkHistory(history, { freshness: 'settled' }))).toBe('');
    }),
    { numRuns: 100 },
  );
});

/** Answers that are wrong wherever they stand, if what was there before is told. */
function falsified([call, outcome]: Answered): Outcome | undefined {
  const isRegistering = call.kind === 'register';
  if (outcome.kind === 'refused' && outcome.code === 'ACCOUNT_BOUND' && call.kind === 'bind') {
    return { kind: 'refused', status: 410, code: 'MEMBER_CLOSED' };
  }
  if (outcome.kind === 'refused' && outcome.code === 'NOT_BOUND') return undefined;
  if (outcome.kind === 'refused' && call.kind !== 'get' && !isRegistering)
    return { kind: 'ok', status: 204, version: '1' };
  if (outcome.kind !== 'ok' || outcome.version === undefined || isRegistering) return undefined;
  const version = String(Number(outcome.version) + 1);
  const document = outcome.document === undefined ? {} : { document: { ...outcome.document, version } };
  return { ...outcome, version, ...document };
}

test('one wrong answer among right ones is refused', () => {
  let planted = 0;
  fc.assert(
    fc.property(calls, fc.nat(), (asked, chosen) => {
      const run = sequentialRun(asked);
      const place = chosen % run.length;
      const wrong = falsified(run[place] as Answered);
      fc.pre(wrong !== undefined);
      planted += 1;
      const spoiled = run.map(([call, outcome], index): Answered => [call, index === place ? wrong : outcome]);
      expect(checkHistory(widened(spoiled, [[0, 0]]))).not.toEqual([]);
    }),
    { numRuns: 150 },
  );
  expect(planted).toBe(150);
});
