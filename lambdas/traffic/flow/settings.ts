import type { Denial, FlowMatch, FlowRule } from '../../core';

/** What operators have decided about traffic, in the snapshot of the switches. */
export interface TrafficSettings {
  readonly rules: readonly FlowRule[];
  readonly deny: readonly Denial[];
}

/** What a denial names as its rule. */
export const DENY_LIST = 'traffic/deny';

/** Rules by the guard that asks them; the caller's own are asked before those that name it. */
interface ByGuard {
  readonly class: readonly FlowRule[];
  readonly global: readonly FlowRule[];
  readonly own: readonly FlowRule[];
  readonly caller: readonly FlowRule[];
}

/** Rules that a call meets. */
export interface RulesMet extends ByGuard {
  /**
   * Those whose calls wait, which are asked when all others have let it pass, the narrowest first: a turn cannot be given back,
   * and what a caller's own rules refuse is to take none from others.
   */
  readonly turn: { readonly own: readonly FlowRule[]; readonly general: readonly FlowRule[] };
}

/** A caller's own rule takes the place of the general one with its id, also where it is off. */
export function rulesMet(call: FlowMatch, rules: readonly FlowRule[], own: readonly FlowRule[]): RulesMet {
  const isMet = ({ match, mode }: FlowRule) => mode !== 'off' && matches(match, call);
  const general = rules.filter((rule) => isMet(rule) && !own.some(({ id }) => id === rule.id));
  const met = own.filter(isMet);
  const queues = byGuard(general.filter(isQueue), met.filter(isQueue));
  return {
    ...byGuard(general.filter(isCounted), met.filter(isCounted)),
    turn: { own: queues.own, general: [...queues.caller, ...queues.global, ...queues.class] },
  };
}

function byGuard(general: readonly FlowRule[], own: readonly FlowRule[]): ByGuard {
  return {
    class: general.filter(({ match }) => match.caller === undefined && match.class !== undefined),
    global: general.filter(({ match }) => match.caller === undefined && match.class === undefined),
    own,
    caller: general.filter(({ match }) => match.caller !== undefined),
  };
}

function isQueue({ algorithm }: FlowRule): boolean {
  return algorithm === 'leaky-bucket';
}

function isCounted(rule: FlowRule): boolean {
  return !isQueue(rule);
}

/** Whether a call is one of those that are meant; what is not known of it is meant by nobody. */
export function matches(match: FlowMatch, call: FlowMatch): boolean {
  return (
    (match.caller === undefined || match.caller === call.caller) &&
    (match.class === undefined || match.class === call.class) &&
    (match.operation === undefined || match.operation === call.operation)
  );
}
