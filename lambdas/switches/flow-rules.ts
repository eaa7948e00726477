import * as z from 'zod/mini';
import { CLASS_RULES, OPERATIONS, ROUTES, TRAFFIC_CLASSES, type TrafficClass } from '../../topology';
import { burstOf, type Denial, FLOW_ALGORITHMS, type FlowMatch, type FlowRule } from '../core';

export const MODES = ['off', 'dry-run', 'on'] as const;

const MAX_ENTRIES = 100;
const MAX_RATE_PER_S = 1_000_000;
const MAX_WARM_UP_S = 3600;
/** A burst is refilled within an hour, so that all sums stay whole numbers; environments look every few milliseconds. */
const MOST_REFILL_S = 3600;
const LEAST_REFILL_S = 0.01;

/** What all callers of a class have together, at the least: less would be a denial, which has a list of its own. */
const LEAST_OF_ALL_PER_S = 1;
/** Names by which our own rules refuse. */
const OWN_NAMES = /^(?:hot-account|cache-only|reserved-concurrency|(?:traffic|guard|limit|degrade)\/.*)$/;

const among = (values: readonly string[]) => `must be one of ${values.join(', ')}`;
const whole = (most: number) => {
  const message = `must be a whole number from 1 to ${most}`;
  return z.int(message).check(z.minimum(1, message), z.maximum(most, message));
};

function match() {
  return z.strictObject({
    caller: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
    class: z.optional(z.enum(TRAFFIC_CLASSES, among(TRAFFIC_CLASSES))),
    operation: z.optional(z.enum(OPERATIONS, among(OPERATIONS))),
  });
}

export function flowRules() {
  const rate = `must be a number above 0, ${MAX_RATE_PER_S} at most`;
  const rule = z.strictObject({
    id: z.string().check(z.regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable characters without spaces')),
    match: match(),
    algorithm: z.enum(FLOW_ALGORITHMS, among(FLOW_ALGORITHMS)),
    ratePerS: z.number(rate).check(z.positive(rate), z.maximum(MAX_RATE_PER_S, rate)),
    burst: z.optional(whole(MAX_RATE_PER_S)),
    warmUpS: z.optional(whole(MAX_WARM_UP_S)),
    mode: z.enum(MODES, among(MODES)),
  });
  return z.array(rule).check(z.maxLength(MAX_ENTRIES));
}

export function denials() {
  const denial = z.strictObject({ match: match(), reason: z.string().check(z.minLength(1), z.maxLength(200)) });
  return z.array(denial).check(z.maxLength(MAX_ENTRIES));
}

/** Why rules must not count together, or one of them not at all. */
export function reasonsAgainstRules(rules: readonly FlowRule[]): (string | undefined)[] {
  return [repeatedId(rules), ...rules.flatMap(reasonsAgainstRule), refusingEverything(rules), ...contradictions(rules)];
}

/** Why entries must not be denied, alone or together. */
export function reasonsAgainstDenials(denied: readonly Denial[]): (string | undefined)[] {
  const sameAs = (match: FlowMatch, index: number) => denied.findIndex((one) => isSame(one.match, match)) !== index;
  const twice = denied.find(({ match }, index) => sameAs(match, index));
  return [
    coverEverything(denied.map(({ match }) => match)) ? 'Together these entries would deny every call.' : undefined,
    twice === undefined ? undefined : `The match ${JSON.stringify(twice.match)} stands there twice.`,
    ...denied.map(({ match }) => neverMatches(`The match ${JSON.stringify(match)}`, match)),
  ];
}

/** Why rules must not stand with this caller. */
export function reasonsAgainstOwnRules(callerId: string, rules: readonly FlowRule[]): (string | undefined)[] {
  const foreign = rules.filter(({ match }) => match.caller !== undefined && match.caller !== callerId);
  return [
    ...foreign.map(({ id, match }) => `Rule ${id} names ${match.caller}, and would stand with ${callerId}.`),
    ...reasonsAgainstRules(rules.map((rule) => ({ ...rule, match: { ...rule.match, caller: callerId } }))),
  ];
}

function reasonsAgainstRule(rule: FlowRule): (string | undefined)[] {
  const { id, match, algorithm, ratePerS, warmUpS } = rule;
  const refillS = burstOf(rule) / ratePerS;
  const isForAll = match.caller === undefined && match.operation === undefined;
  return [
    OWN_NAMES.test(id) ? `Rule ${id} has the name of a rule of Twinkeep's own.` : undefined,
    isForAll && ratePerS < LEAST_OF_ALL_PER_S
      ? `Rule ${id} would refuse nearly everything: all callers together would have ${ratePerS} calls a second.`
      : undefined,
    refillS > MOST_REFILL_S
      ? `Rule ${id} would refuse nearly everything: its burst of ${burstOf(rule)} takes more than an hour to come back at ${ratePerS} calls a second.`
      : undefined,
    refillS < LEAST_REFILL_S
      ? `Rule ${id} has a burst of ${burstOf(rule)}, which is less than ${LEAST_REFILL_S * 1000} ms of its rate and cannot be kept.`
      : undefined,
    warmUpS !== undefined && algorithm !== 'token-bucket'
      ? `Rule ${id} has a warm-up, which only a token-bucket knows.`
      : undefined,
    neverMatches(`Rule ${id}`, match),
  ];
}

function repeatedId(rules: readonly FlowRule[]): string | undefined {
  const twice = rules.find(({ id }, index) => rules.findIndex((one) => one.id === id) !== index);
  return twice === undefined ? undefined : `The rule ${twice.id} stands there twice.`;
}

/** Two limits for the same calls: nobody could see which of them counts. One may be tried beside another. */
function contradictions(rules: readonly FlowRule[]): string[] {
  return rules.flatMap((rule, index) => {
    const before = rules.slice(0, index);
    const other = before.find(({ match, mode }) => mode === rule.mode && mode !== 'off' && isSame(match, rule.match));
    return other === undefined
      ? []
      : [`Rules ${other.id} and ${rule.id} limit the same calls; what is to count belongs into one of them.`];
  });
}

function neverMatches(what: string, { class: trafficClass, operation }: FlowMatch): string | undefined {
  if (operation === undefined) return undefined;
  const classes = trafficClass === undefined ? TRAFFIC_CLASSES : [trafficClass];
  if (classes.some((one) => reaches(operation, one))) return undefined;
  return `${what} would match nothing: ${operation} is no guarded call of ${trafficClass === undefined ? 'any class' : `class ${trafficClass}`}.`;
}

/** Whether calls of an operation get as far as the limits of a class. */
function reaches(operation: FlowMatch['operation'], trafficClass: TrafficClass): boolean {
  const route = ROUTES.find((one) => one.operation === operation);
  if (route === undefined || operation === 'openapi') return false;
  return route.classes.includes(trafficClass) && !(route.writes && CLASS_RULES[trafficClass].readOnly);
}

/** Rules for one operation each, of which every one leaves next to nothing to all callers together. */
function refusingEverything(rules: readonly FlowRule[]): string | undefined {
  const strict = rules.filter(
    ({ match, ratePerS, mode }) => mode !== 'off' && match.operation !== undefined && ratePerS < LEAST_OF_ALL_PER_S,
  );
  if (!coverEverything(strict.map(({ match }) => match))) return undefined;
  const ids = strict.map(({ id }) => id).join(', ');
  return `Rules ${ids} would refuse nearly everything: of each operation all callers together would have less than one call a second.`;
}

/** Whether every guarded call of every caller is one of those that are meant. */
function coverEverything(meant: readonly FlowMatch[]): boolean {
  const forAll = meant.filter(({ caller }) => caller === undefined);
  const calls = TRAFFIC_CLASSES.flatMap((trafficClass) =>
    OPERATIONS.filter((operation) => operation !== 'health' && reaches(operation, trafficClass)).map((operation) => ({
      trafficClass,
      operation,
    })),
  );
  return calls.every(({ trafficClass, operation }) =>
    forAll.some(
      (match) => (match.class ?? trafficClass) === trafficClass && (match.operation ?? operation) === operation,
    ),
  );
}

function isSame(one: FlowMatch, other: FlowMatch): boolean {
  return one.caller === other.caller && one.class === other.class && one.operation === other.operation;
}
