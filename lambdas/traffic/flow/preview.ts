import type { FlowMatch, FlowRule } from '../../core';
import { algorithmNamed, algorithmNameOf } from './algorithms';
import { limitOf } from './limit';
import type { RecentCount, SecondOfCalls } from './recent-calls';
import { DENY_LIST, matches, rulesMet, type TrafficSettings } from './settings';

/** What a rule would have refused of a caller's calls. */
export interface PreviewedRule {
  /** Its id; `traffic/deny` for the deny list. */
  readonly rule: string;
  /** `dry-run`: it would only have been counted. */
  readonly mode: 'dry-run' | 'on';
  readonly caller: string;
  /** Of those that reached the rule. */
  readonly calls: number;
  readonly refused: number;
}

export interface Preview {
  readonly seconds: number;
  readonly calls: number;
  /** By rules and denials that are on. */
  readonly refused: number;
  /** What refuses most comes first; what would have refused nothing of a caller is left out. */
  readonly rules: readonly PreviewedRule[];
}

/** Calls of a second are taken as spread evenly over so many parts of it. */
const PARTS = 20;
const US_PER_S = 1_000_000;
/** As long as a request can wait for its turn. */
const MOST_WAIT_US = 7_400_000;

type Told = { -readonly [Field in keyof PreviewedRule]: PreviewedRule[Field] };

/**
 * What settings would have done to recent calls: each algorithm is run over the calls of both regions, as they were counted by
 * the second. What one rule refuses does not reach the next; the order is that of the guards. What a later rule refuses is not
 * given back to those before it, which makes them a little stricter here than they are.
 *
 * @param ownRules by caller: those that stand with it
 */
export function previewTraffic(
  settings: TrafficSettings,
  ownRules: ReadonlyMap<string, readonly FlowRule[]>,
  recent: readonly SecondOfCalls[],
): Preview {
  const trial = new Trial(settings, ownRules);
  for (const { second, calls } of bySecond(recent)) {
    for (let part = 0; part < PARTS; part += 1) {
      const nowUs = Math.round((second + part / PARTS) * US_PER_S);
      calls.forEach((count, index) => {
        // Kinds with few calls do not all come in the same part.
        trial.call(count, inPart(count.calls, (part + index) % PARTS), nowUs);
      });
    }
  }
  return { seconds: spanOf(recent), ...trial.outcome() };
}

class Trial {
  readonly #settings: TrafficSettings;
  readonly #ownRules: ReadonlyMap<string, readonly FlowRule[]>;
  readonly #states = new Map<FlowRule, unknown>();
  readonly #told = new Map<string, Told>();
  readonly #met = new Map<string, readonly FlowRule[]>();
  #calls = 0;
  #refused = 0;

  constructor(settings: TrafficSettings, ownRules: ReadonlyMap<string, readonly FlowRule[]>) {
    this.#settings = settings;
    this.#ownRules = ownRules;
  }

  /** So many calls of a kind that come at once. */
  call(kind: RecentCount, came: number, nowUs: number): void {
    if (came === 0) return;
    this.#calls += came;
    const passed = this.#isDenied(kind)
      ? this.#tell(kind, { id: DENY_LIST, mode: 'on' }, came, 0)
      : this.#pass(kind, came, nowUs);
    this.#refused += came - passed;
  }

  outcome(): Omit<Preview, 'seconds'> {
    const rules = [...this.#told.values()].filter(({ refused }) => refused > 0);
    rules.sort((one, other) => other.refused - one.refused);
    return { calls: this.#calls, refused: this.#refused, rules };
  }

  #pass(kind: RecentCount, came: number, nowUs: number): number {
    let left = came;
    for (const rule of this.#rulesFor(kind)) {
      if (left === 0) break;
      left = this.#tell(kind, rule, left, this.#take(rule, left, nowUs));
    }
    return left;
  }

  #take(rule: FlowRule, wanted: number, nowUs: number): number {
    const algorithm = algorithmNamed(algorithmNameOf(rule));
    const ask = { nowUs, wanted, mostWaitUs: MOST_WAIT_US };
    const { state, granted } = algorithm(limitOf(rule), this.#states.get(rule), ask);
    this.#states.set(rule, state);
    return granted;
  }

  /** @returns how many go on: all of them where the rule is on trial */
  #tell({ caller }: RecentCount, { id, mode }: Pick<FlowRule, 'id' | 'mode'>, calls: number, granted: number): number {
    const isOn = mode === 'on';
    const key = `${caller} ${id}`;
    const line = this.#told.get(key) ?? { rule: id, mode: isOn ? 'on' : 'dry-run', caller, calls: 0, refused: 0 };
    this.#told.set(key, line);
    line.calls += calls;
    line.refused += calls - granted;
    return isOn ? granted : calls;
  }

  #isDenied(kind: RecentCount): boolean {
    return this.#settings.deny.some(({ match }) => matches(match, callOf(kind)));
  }

  #rulesFor(kind: RecentCount): readonly FlowRule[] {
    const key = `${kind.trafficClass} ${kind.operation} ${kind.caller}`;
    const known = this.#met.get(key);
    if (known !== undefined) return known;
    const met = rulesMet(callOf(kind), this.#settings.rules, this.#ownRules.get(kind.caller) ?? []);
    const { turn } = met;
    const rules = [...met.class, ...met.global, ...met.own, ...met.caller, ...turn.own, ...turn.general];
    this.#met.set(key, rules);
    return rules;
  }
}

function callOf({ caller, trafficClass, operation }: RecentCount): FlowMatch {
  return { caller, class: trafficClass, operation };
}

function inPart(calls: number, part: number): number {
  return Math.floor(((part + 1) * calls) / PARTS) - Math.floor((part * calls) / PARTS);
}

/** Both regions' counts, in order. */
function bySecond(recent: readonly SecondOfCalls[]): SecondOfCalls[] {
  const found = new Map<number, RecentCount[]>();
  for (const { second, calls } of recent) found.set(second, [...(found.get(second) ?? []), ...calls]);
  return [...found.entries()].sort(([one], [other]) => one - other).map(([second, calls]) => ({ second, calls }));
}

function spanOf(recent: readonly SecondOfCalls[]): number {
  if (recent.length === 0) return 0;
  const seconds = recent.map(({ second }) => second);
  return Math.max(...seconds) - Math.min(...seconds) + 1;
}
