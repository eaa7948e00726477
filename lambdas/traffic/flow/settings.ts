import type { Denial, FlowMatch, FlowRule } from '../../core';

/** What operators have decided about traffic, in the snapshot of the switches. */
export interface TrafficSettings {
  readonly rules: readonly FlowRule[];
  readonly deny: readonly Denial[];
}

/** What a denial names as its rule. */
export const DENY_LIST = 'traffic/deny';

/** Rules that a call meets, by the guard that asks them; the caller's own are asked before those that name it. */
export interface RulesMet {
  readonly class: readonly FlowRule[];
  readonly global: readonly FlowRule[];
  readonly own: readonly FlowRule[];
  readonly caller: readonly FlowRule[];
}

/** A caller's own rule takes the place of the general one with its id, also where it is off. */
export function rulesMet(call: FlowMatch, rules: readonly FlowRule[], own: readonly FlowRule[]): RulesMet {
  const isMet = ({ match, mode }: FlowRule) => mode !== 'off' && matches(match, call);
  const general = rules.filter((rule) => isMet(rule) && !own.some(({ id }) => id === rule.id));
  return {
    class: general.filter(({ match }) => match.caller === undefined && match.class !== undefined),
    global: general.filter(({ match }) => match.caller === undefined && match.class === undefined),
    own: own.filter(isMet),
    caller: general.filter(({ match }) => match.caller !== undefined),
  };
}

/** Whether a call is one of those that are meant; what is not known of it is meant by nobody. */
export function matches(match: FlowMatch, call: FlowMatch): boolean {
  return (
    (match.caller === undefined || match.caller === call.caller) &&
    (match.class === undefined || match.class === call.class) &&
    (match.operation === undefined || match.operation === call.operation)
  );
}
