import type { FlowRule } from '../../core';
import { algorithmNamed, algorithmNameOf } from './algorithms';
import { matches } from './applied-rules';
import { limitOf } from './limit';
import type { RecentCount, SecondOfCalls } from './recent-calls';

/** What a rule would have refused of a caller's calls. */
export interface PreviewedRule {
  readonly rule: string;
  readonly caller: string;
  /** Of those that reached the rule. */
  readonly calls: number;
  readonly refused: number;
}

export interface Preview {
  readonly seconds: number;
  readonly calls: number;
  readonly refused: number;
  /** What refuses most comes first; rules that would have refused nothing of a caller are left out. */
  readonly rules: readonly PreviewedRule[];
}

/** Calls of a second are taken as spread evenly over so many parts of it. */
const PARTS = 20;
const PART_US = 1_000_000 / PARTS;
/** As long as a request can wait for its turn. */
const MOST_WAIT_US = 7_400_000;

interface Tried {
  readonly rule: FlowRule;
  state: unknown;
}

/**
 * What rules would have done to recent calls, on trial or not: each algorithm is run over the calls of both regions, as they
 * were counted by the second. What one rule refuses does not reach the next; the order is that of the guards.
 *
 * @param ownRules by caller: those that stand with it
 */
export function previewRules(
  rules: readonly FlowRule[],
  ownRules: ReadonlyMap<string, readonly FlowRule[]>,
  recent: readonly SecondOfCalls[],
): Preview {
  const tried = new Map<FlowRule, Tried>();
  const told = new Map<string, { rule: string; caller: string; calls: number; refused: number }>();
  let [calls, refused] = [0, 0];
  for (const { second, calls: counts } of merged(recent)) {
    for (let part = 0; part < PARTS; part += 1) {
      const nowUs = second * 1_000_000 + part * PART_US;
      counts.forEach((count, index) => {
        const came = inPart(count.calls, (part + index) % PARTS);
        let left = came;
        for (const rule of rulesFor(count, rules, ownRules.get(count.caller) ?? [])) {
          if (left === 0) break;
          const trial = tried.get(rule) ?? { rule, state: undefined };
          tried.set(rule, trial);
          const granted = take(trial, nowUs, left);
          const key = `${count.caller} ${rule.id}`;
          const line = told.get(key) ?? { rule: rule.id, caller: count.caller, calls: 0, refused: 0 };
          told.set(key, line);
          line.calls += left;
          line.refused += left - granted;
          left = granted;
        }
        calls += came;
        refused += came - left;
      });
    }
  }
  const lines = [...told.values()].filter((line) => line.refused > 0).sort((one, other) => other.refused - one.refused);
  return { seconds: spanOf(recent), calls, refused, rules: lines };
}

function take(trial: Tried, nowUs: number, wanted: number): number {
  const { rule } = trial;
  const ask = { nowUs, wanted, mostWaitUs: MOST_WAIT_US };
  const { state, granted } = algorithmNamed(algorithmNameOf(rule))(limitOf(rule), trial.state, ask);
  trial.state = state;
  return granted;
}

/** In the order of the guards: class, all, caller. */
function rulesFor(count: RecentCount, rules: readonly FlowRule[], own: readonly FlowRule[]): FlowRule[] {
  const call = { caller: count.caller, class: count.trafficClass, operation: count.operation };
  const isMet = ({ match, mode }: FlowRule) => mode !== 'off' && matches(match, call);
  const general = rules.filter((rule) => isMet(rule) && !own.some(({ id }) => id === rule.id));
  return [
    ...general.filter(({ match }) => match.caller === undefined && match.class !== undefined),
    ...general.filter(({ match }) => match.caller === undefined && match.class === undefined),
    ...own.filter(isMet),
    ...general.filter(({ match }) => match.caller !== undefined),
  ];
}

function inPart(calls: number, part: number): number {
  return Math.floor(((part + 1) * calls) / PARTS) - Math.floor((part * calls) / PARTS);
}

/** Both regions' counts by the second, in order. */
function merged(recent: readonly SecondOfCalls[]): SecondOfCalls[] {
  const bySecond = new Map<number, RecentCount[]>();
  for (const { second, calls } of recent) bySecond.set(second, [...(bySecond.get(second) ?? []), ...calls]);
  return [...bySecond.entries()].sort(([one], [other]) => one - other).map(([second, calls]) => ({ second, calls }));
}

function spanOf(recent: readonly SecondOfCalls[]): number {
  if (recent.length === 0) return 0;
  const seconds = recent.map(({ second }) => second);
  return Math.max(...seconds) - Math.min(...seconds) + 1;
}
