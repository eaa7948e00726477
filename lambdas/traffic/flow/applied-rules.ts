import { FUNCTIONS, type Operation, otherRegion, type Region, type TrafficClass } from '../../../topology';
import type { Caller } from '../../arbiter';
import { type Clock, type FlowRule, type Metrics, NO_METRICS } from '../../core';

import { algorithmNameOf } from './algorithms';
import type { CallLimit } from './call-limit';
import { DryRun } from './dry-run';
import { LeasedLimit } from './leased-limit';
import { limitOf } from './limit';
import { QueueLimit } from './queue-limit';
import { type CallCounter, type EnvironmentCensus, RecentCalls } from './recent-calls';
import { matches, rulesMet, type TrafficSettings } from './settings';
import { shareOf } from './share';
import { Source } from './source';
import type { LimitStore } from './store';

/** A rule's limit, as it is applied to calls. */
export interface Applied {
  readonly rule: string;
  readonly limit: CallLimit;
}

/** What the guards ask about a call of this caller and operation. */
export interface Passes {
  readonly isDenied: boolean;
  /** By the guard that asks; each call is asked by all of them, in this order. */
  readonly class: readonly Applied[];
  readonly global: readonly Applied[];
  readonly caller: readonly Applied[];
  /** Of all of these, those whose calls wait for their turn. */
  readonly turn: readonly Applied[];
  readonly counter: CallCounter;
}

export interface AppliedRulesOptions {
  readonly region: Region;
  readonly trafficClass: TrafficClass;
  readonly store: LimitStore;
  readonly clock: Clock;
  readonly metrics?: Metrics;
}

interface Kept {
  readonly signature: string;
  readonly limit: CallLimit;
}

interface Compiled {
  readonly caller: Caller;
  readonly byOperation: Partial<Record<Operation, Passes>>;
}

/** Beyond it compiled callers are forgotten, and compiled anew when they call. */
const MOST_COMPILED = 2000;
const NO_SETTINGS: TrafficSettings = { rules: [], deny: [] };

/** The rules of one execution environment, compiled when they change and not for each call. */
export class AppliedRules {
  readonly recent = new RecentCalls();
  readonly #options: AppliedRulesOptions;
  #settings = NO_SETTINGS;
  #text = JSON.stringify(NO_SETTINGS);
  #isAlone = false;
  #census: EnvironmentCensus;
  #compiled = new Map<string, Compiled>();
  #limits = new Map<string, Kept>();

  constructor(options: AppliedRulesOptions) {
    this.#options = options;
    // As many as there may be, as long as nobody has counted.
    const most = (trafficClass?: TrafficClass) =>
      FUNCTIONS.filter(
        ({ trigger }) => trigger.kind === 'api' && trigger.trafficClass === (trafficClass ?? trigger.trafficClass),
      )
        .map(({ reservedConcurrency }) => reservedConcurrency)
        .reduce((sum, one) => sum + one, 0);
    this.#census = { ofClass: most(options.trafficClass), ofAll: most() };
  }

  /** @param isAlone whether the other region serves nobody */
  follow(settings: TrafficSettings, isAlone: boolean): void {
    const text = JSON.stringify(settings);
    if (text === this.#text && isAlone === this.#isAlone) return;
    this.#settings = settings;
    this.#text = text;
    this.#isAlone = isAlone;
    this.#compiled = new Map();
    const ids = new Set(settings.rules.map(({ id }) => generalKey(id)));
    for (const key of this.#limits.keys())
      if (key.startsWith(generalKey('')) && !ids.has(key)) this.#limits.delete(key);
  }

  countEnvironments(census: EnvironmentCensus): void {
    this.#census = { ofClass: Math.max(1, census.ofClass), ofAll: Math.max(1, census.ofAll) };
  }

  passesOf(caller: Caller, operation: Operation): Passes {
    let compiled = this.#compiled.get(caller.id);
    if (compiled?.caller !== caller) {
      if (this.#compiled.size >= MOST_COMPILED) this.#forget();
      compiled = { caller, byOperation: {} };
      this.#compiled.set(caller.id, compiled);
    }
    const known = compiled.byOperation[operation];
    if (known !== undefined) return known;
    const passes = this.#compile(caller, operation);
    compiled.byOperation[operation] = passes;
    return passes;
  }

  #forget(): void {
    this.#compiled = new Map();
    this.#limits = new Map();
  }

  #compile(caller: Caller, operation: Operation): Passes {
    const { trafficClass } = this.#options;
    const call = { caller: caller.id, class: trafficClass, operation };
    const { rules, deny } = this.#settings;
    const met = rulesMet(call, rules, caller.rules);
    const general = (found: readonly FlowRule[]) => found.map((rule) => this.#apply(generalKey(rule.id), rule));
    const own = (found: readonly FlowRule[]) =>
      found.map((rule) => this.#apply(`caller:${caller.id}:${rule.id}`, rule));
    return {
      isDenied: deny.some(({ match }) => matches(match, call)),
      class: general(met.class),
      global: general(met.global),
      caller: [...own(met.own), ...general(met.caller)],
      turn: [...own(met.turn.own), ...general(met.turn.general)],
      counter: this.recent.counterOf(caller.id, operation),
    };
  }

  #apply(key: string, rule: FlowRule): Applied {
    const signature = JSON.stringify([rule, this.#isAlone]);
    const kept = this.#limits.get(key);
    if (kept?.signature === signature) return { rule: rule.id, limit: kept.limit };
    const counted = this.#limit(key, rule);
    const limit =
      rule.mode === 'dry-run'
        ? new DryRun(counted, () => (this.#options.metrics ?? NO_METRICS).count('WouldRefuse', { rule: rule.id }))
        : counted;
    this.#limits.set(key, { signature, limit });
    return { rule: rule.id, limit };
  }

  #limit(key: string, rule: FlowRule): CallLimit {
    const { region, store, clock } = this.#options;
    const limit = limitOf(rule);
    const algorithm = algorithmNameOf(rule);
    const environments = () => (rule.match.class === undefined ? this.#census.ofAll : this.#census.ofClass);
    const own = shareOf(limit, region, this.#isAlone);
    const other = this.#isAlone ? undefined : shareOf(limit, otherRegion(region), false);
    const counted = { key, algorithm, store, clock };
    const sources = [
      ...(own === undefined ? [] : [new Source({ ...counted, region, share: own, environments, isOwn: true })]),
      ...(other === undefined
        ? []
        : [new Source({ ...counted, region: otherRegion(region), share: other, environments, isOwn: false })]),
    ];
    if (algorithm === 'leaky-bucket') return new QueueLimit({ sources, clock });
    return new LeasedLimit({ sources, calls: own?.calls ?? 1, environments, clock });
  }
}

function generalKey(id: string): string {
  return `general:${id}`;
}
