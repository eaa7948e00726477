import { isRead, type Operation } from '../support/history';
import type { Drill, Expectation } from './drill';
import { scopeText } from './drill';
import { during, errorsEndS, type Fault, isIn, latencyMs, quantile } from './figures';
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
  /** Where the clock of the operations stood when that of the samples began. */
  readonly samplesBeganMs: number;
}

export function judge(drill: Drill, seen: Seen): Verdict[] {
  return drill.expects.map((expectation) => VERDICTS[expectation.kind](expectation as never, seen));
}

type Of<Kind extends Expectation['kind']> = Extract<Expectation, { kind: Kind }>;

const VERDICTS: { readonly [Kind in Expectation['kind']]: (expected: Of<Kind>, seen: Seen) => Verdict } = {
  'errors-end': ({ scope, withinS }, { samples, fault }) => {
    const met = during(samples, fault).filter((sample) => isIn(scope, sample));
    const endS = errorsEndS(met, fault);
    const failed = met.filter(({ failure }) => failure !== undefined).length;
    return {
      // What was never called cannot be said to have been served.
      holds: met.length > 0 && endS <= withinS,
      expected:
        withinS === 0 ? `${scopeText(scope)}: none fails` : `${scopeText(scope)}: errors end within ${withinS} s`,
      measured:
        failed === 0 ? `none of ${met.length} failed` : `${failed} of ${met.length}, the last after ${rounded(endS)} s`,
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
  readonly acknowledged: number;
  readonly lost: readonly Acknowledged[];
  readonly violations: string;
  readonly disagreement: string | undefined;
  readonly dishonest: readonly string[];
}): Verdict[] {
  const { acknowledged, lost, violations, disagreement, dishonest } = found;
  return [
    {
      holds: lost.length === 0,
      expected: 'no acknowledged write is lost',
      measured: `${lost.length} of ${acknowledged}`,
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
