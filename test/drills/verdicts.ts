import { isRead, type Operation } from '../support/history';
import type { Decided } from './decided';
import type { Drill, Expectation } from './drill';
import { scopeText } from './drill';
import { during, errorsEndS, errorsLastS, type Fault, isIn, latencyMs, quantile } from './figures';
import type { Sample } from './recorder';
import { type Acknowledged, staleReads } from './writes';

/** Whether something held that was expected, and what was measured. */
export interface Verdict {
  readonly holds: boolean;
  readonly expected: string;
  readonly measured: string;
}

/** What a drill saw of its load. */
export interface Seen {
  readonly samples: readonly Sample[];
  readonly fault: Fault;
  readonly operations: readonly Operation[];
  /** What was decided meanwhile, on the clock of the samples. */
  readonly decided: readonly (Decided & { readonly atMs: number })[];
  /** Where the clock of the operations stood when that of the samples began. */
  readonly samplesBeganMs: number;
}

export function judge(drill: Drill, seen: Seen): Verdict[] {
  return drill.expects.map((expectation) => VERDICTS[expectation.kind](expectation as never, seen));
}

type Of<Kind extends Expectation['kind']> = Extract<Expectation, { kind: Kind }>;

const VERDICTS: { readonly [Kind in Expectation['kind']]: (expected: Of<Kind>, seen: Seen) => Verdict } = {
  'errors-end': ({ scope, withinS, except = [] }, { samples, fault }) => {
    const met = during(samples, fault).filter(
      (sample) => isIn(scope, sample) && !except.includes(sample.failure ?? ''),
    );
    const but = except.length === 0 ? '' : ` but ${except.join(', ')}`;
    const endS = errorsEndS(met, fault);
    const failed = met.filter(({ failure }) => failure !== undefined).length;
    return {
      // What was never called cannot be said to have been served.
      holds: met.length > 0 && endS <= withinS,
      expected:
        withinS === 0 ? `${scopeText(scope)}: none fails` : `${scopeText(scope)}: errors${but} end within ${withinS} s`,
      measured:
        failed === 0 ? `none of ${met.length} failed` : `${failed} of ${met.length}, the last after ${rounded(endS)} s`,
    };
  },
  'errors-last': ({ scope, mostS }, { samples, fault }) => {
    const met = during(samples, fault).filter((sample) => isIn(scope, sample));
    const lastS = errorsLastS(met);
    const failed = met.filter(({ failure }) => failure !== undefined).length;
    return {
      holds: met.length > 0 && lastS <= mostS,
      expected: `${scopeText(scope)}: errors last ${mostS} s at most`,
      measured: failed === 0 ? `none of ${met.length} failed` : `${failed} of ${met.length}, for ${rounded(lastS)} s`,
    };
  },
  'few-fail': ({ scope, mostPercent }, { samples, fault }) => {
    const met = during(samples, fault).filter((sample) => isIn(scope, sample));
    const failed = met.filter(({ failure }) => failure !== undefined).length;
    return {
      holds: met.length > 0 && 100 * failed <= mostPercent * met.length,
      expected: `${scopeText(scope)}: at most ${mostPercent} % fail`,
      measured: `${failed} of ${met.length}`,
    };
  },
  served: ({ scope }, { samples, fault }) => {
    const met = during(samples, fault).filter((sample) => isIn(scope, sample) && sample.startedMs > fault.fromMs);
    const served = met.filter(({ failure }) => failure === undefined);
    const names = (scope.regions ?? ['A', 'B']).flatMap((region) => scope.calls.map((call) => ({ call, region })));
    const missing = names.filter(
      (name) => !served.some(({ call, region }) => call === name.call && region === name.region),
    );
    return {
      holds: missing.length === 0,
      expected: `${scopeText(scope)}: served while it lasts`,
      measured:
        missing.length === 0
          ? `${served.length} of ${met.length}`
          : `not ${missing.map(({ call, region }) => `${call} in ${region}`).join(', ')}`,
    };
  },
  'not-slow': ({ scope, afterS, slowMs, mostPercent }, { samples, fault }) => {
    const fromMs = fault.fromMs + afterS * 1000;
    const own = samples.filter((sample) => isIn(scope, sample));
    const before = own.filter(({ endedMs }) => endedMs <= fault.fromMs).map(latencyMs);
    const met = during(own, fault).filter(({ startedMs }) => startedMs > fromMs);
    const limitMs = quantile(before, 1 - mostPercent / 100) + slowMs;
    const slow = met.filter((sample) => latencyMs(sample) > limitMs).length;
    const percent = met.length === 0 ? 100 : (100 * slow) / met.length;
    const from = afterS === 0 ? '' : ` after ${afterS} s`;
    return {
      holds: percent <= mostPercent,
      expected: `${scopeText(scope)}: at most ${mostPercent} % take ${slowMs} ms longer than before${from}`,
      measured: `${slow} of ${met.length} took longer than ${limitMs.toFixed(0)} ms`,
    };
  },
  'answered-by': ({ scope, source }, { samples, fault }) => {
    const met = during(samples, fault).filter((sample) => isIn(scope, sample) && sample.startedMs > fault.fromMs);
    const count = met.filter((sample) => sample.source?.includes(source)).length;
    return {
      holds: count > 0,
      expected: `${scopeText(scope)}: answered by ${source}`,
      measured: `${count} of ${met.length}`,
    };
  },
  turned: ({ subject, least, most }, { decided, fault }) => {
    const times = decided.filter((one) => one.subject === subject && one.atMs >= fault.fromMs);
    const expected = least === most ? `${least} times` : `${least} to ${most} times`;
    return {
      holds: times.length >= least && times.length <= most,
      expected: `${subject} changes ${expected}`,
      measured: times.length === 0 ? 'never' : times.map(({ value }) => value).join(', then '),
    };
  },
  fresh: ({ withinS }, { operations, fault, samplesBeganMs }) => {
    const healedMs = samplesBeganMs + fault.toMs;
    const stale = staleReads(operations, { writtenBeforeMs: healedMs, readFromMs: healedMs + withinS * 1000 });
    const reads = operations.filter((one) => isRead(one.call) && one.startedMs >= healedMs + withinS * 1000).length;
    return {
      holds: stale.length === 0 && reads > 0,
      expected: `no read is stale ${withinS} s after the end`,
      measured: stale.length === 0 ? `none of ${reads} reads` : `${stale.length} of ${reads}: ${staleText(stale)}`,
    };
  },
};

function staleText(stale: ReturnType<typeof staleReads>): string {
  const [first] = stale;
  return first === undefined ? '' : `${first.region} answered ${first.read} of ${first.member} after ${first.written}`;
}

export function rounded(seconds: number): string {
  return seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0);
}

/** What always has to hold, whatever a drill expects of its own. */
export function alwaysExpected(found: {
  readonly writes: readonly Acknowledged[];
  readonly lost: readonly Acknowledged[];
  /** Where a unit failed over: from when on what one region alone had acknowledged may be lost. */
  readonly mayLoseFromMs: number | undefined;
  readonly violations: string;
  readonly disagreement: string | undefined;
  readonly dishonest: readonly string[];
}): Verdict[] {
  const { writes, lost, mayLoseFromMs = Number.POSITIVE_INFINITY, violations, disagreement, dishonest } = found;
  const lostTooEarly = lost.filter(({ by, endedMs }) => by === 'both' || endedMs < mayLoseFromMs);
  const measured = (by: Acknowledged['by']) => {
    const of = (list: readonly Acknowledged[]) => list.filter((one) => one.by === by).length;
    return `${of(lost)} of ${of(writes)}`;
  };
  return [
    {
      holds: lostTooEarly.every(({ by }) => by !== 'both'),
      expected: 'no write is lost that both regions had acknowledged',
      measured: measured('both'),
    },
    {
      holds: lostTooEarly.every(({ by }) => by !== 'one'),
      expected:
        mayLoseFromMs === Number.POSITIVE_INFINITY
          ? 'no write is lost that one region had acknowledged'
          : 'no write is lost that one region had acknowledged, but for the last second before the fault',
      measured: measured('one'),
    },
    {
      holds: violations === '',
      expected: 'every answer can have happened, in one order for each member and account',
      measured: violations === '' ? 'they can' : violations,
    },
    {
      holds: disagreement === undefined,
      expected: 'all stores agree in the end, without anybody doing something',
      measured: disagreement ?? 'they do',
    },
    {
      holds: dishonest.length === 0,
      expected: 'what fails is 503 with a code and a time to come again',
      measured: dishonest.length === 0 ? 'it is' : dishonest.join('; '),
    },
  ];
}
