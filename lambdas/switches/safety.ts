import { DOMAIN_PREFERENCE, DOMAINS, type DomainName, otherRegion, type Region } from '../../topology';
import type { UnitDecision } from '../arbiter';
import type { Denial, FlowRule } from '../core';
import { reasonsAgainstDenials, reasonsAgainstRules } from './flow-rules';

/** What is known when a switch is turned. */
export interface Circumstances {
  /** Accepted values by name, among them that of the switch that is turned. */
  readonly accepted: Readonly<Record<string, unknown>>;
  readonly units: readonly Pick<UnitDecision, 'unit' | 'writer' | 'mode'>[];
  /** When the value that stands of the switch that is turned was accepted, in milliseconds since 1970. */
  readonly standsSinceMs: number;
  /** What is known to be ill. */
  readonly ill: {
    readonly domains: readonly DomainName[];
    readonly regions: readonly Region[];
    /** When a region was last taken for lost, in milliseconds since 1970; absent or 0 if it never was. */
    readonly lostAtMs: Readonly<Partial<Record<Region, number>>>;
  };
}

export const NOTHING_ILL: Circumstances['ill'] = { domains: [], regions: [], lostAtMs: {} };

type Rule = (value: never, known: Circumstances, target: string) => (string | undefined)[];

/**
 * Why a value must not be accepted, though it is well formed: whole sentences, none if it is safe. Nothing is refused
 * only because it is unwise: an operator may know more.
 */
export function reasonsAgainst(name: string, value: unknown, known: Circumstances): string[] {
  const [folder = '', target = ''] = name.split('/');
  const rule = RULES[name] ?? RULES[folder];
  const reasons = rule === undefined ? [] : rule(value as never, known, target);
  return reasons.filter((reason) => reason !== undefined);
}

const RULES: Readonly<Record<string, Rule>> = {
  search: (domains: readonly DomainName[], { accepted, ill }, trafficClass) => [
    domains.length === 0 ? 'A class needs one search domain at least.' : undefined,
    repeated('domain', domains),
    domains.length > 0 && domains.every((domain) => ill.domains.includes(domain))
      ? `Nothing would answer: ${domains.join(' and ')} ${domains.length === 1 ? 'is' : 'are'} known to be ill.`
      : undefined,
    trafficClass === 'order' && domains.some((domain) => DOMAINS[domain].holds === 'masked')
      ? 'Class order answers whole documents, and domain marketing holds masked ones.'
      : undefined,
    trafficClass === 'order' &&
    domains.length > 0 &&
    domains.every((name) => accepted[`degrade/domain-${name}`] === 'on')
      ? `Class order would have no search domain: ${domains.join(' and ')} ${domains.length === 1 ? 'is' : 'are'} given up.`
      : undefined,
  ],

  degrade: (mode: 'off' | 'dry-run' | 'on', { accepted }, feature) => {
    if (mode !== 'on' || !feature.startsWith('domain-')) return [];
    const given = (accepted['search/order'] ?? DOMAIN_PREFERENCE.order) as readonly DomainName[];
    const left = given.filter((name) => `domain-${name}` !== feature && accepted[`degrade/domain-${name}`] !== 'on');
    return [left.length === 0 ? `Class order would have no search domain: it asks ${given.join(' and ')}.` : undefined];
  },

  regions: (mode: 'active' | 'draining' | 'fenced', { accepted, ill, standsSinceMs }, target) => {
    const isFenced = accepted[`regions/${target}`] === 'fenced';
    const wasLost = isFenced && (ill.lostAtMs[target as Region] ?? 0) >= standsSinceMs;
    if (mode === 'active') return [wasLost ? unchecked(target) : undefined];
    // What is fenced gives more when it drains.
    if (mode === 'draining' && isFenced) return [];
    const other = otherRegion(target as Region);
    const standing = accepted[`regions/${other}`] ?? 'active';
    return [
      standing === 'active' ? undefined : `No region would serve: region ${other} is ${standing}.`,
      ill.regions.includes(other) ? `No region would serve: region ${other} is known to be ill.` : undefined,
    ];
  },

  cache: ({ generation }: { generation: number }, { accepted }, target) => {
    const standing = accepted[`cache/${target}`] as { generation: number } | undefined;
    const least = standing?.generation ?? 1;
    return [
      generation < least
        ? `The generation is ${least}; a lower one would bring back what the cache held before it was emptied.`
        : undefined,
    ];
  },

  'ids/open': (open: readonly { unit: string; weight: number }[], { units }) => {
    const named = open.filter(({ weight }) => weight > 0).map(({ unit }) => unit);
    const refuses = (unit: string) => units.some((one) => one.unit === unit && one.mode !== 'database');
    return [
      repeated(
        'unit',
        open.map(({ unit }) => unit),
      ),
      named.length === 0 ? 'New members would have nowhere to go: no unit has a weight.' : undefined,
      named.length > 0 && named.every(refuses)
        ? `New members would have nowhere to go: ${named.join(' and ')} cannot be written now.`
        : undefined,
    ];
  },

  sync: (mode: 'on' | 'paused', { units }, target) => {
    const tidied = units.filter(({ writer }) => target === `invalidate-${writer}`).map(({ unit }) => unit);
    return [
      mode === 'paused' && tidied.length > 0
        ? `Region ${target.slice(-1)} writes ${tidied.join(' and ')}: this consumer also confirms claims and empties outboxes there.`
        : undefined,
    ];
  },

  'traffic/rules': (rules: readonly FlowRule[]) => reasonsAgainstRules(rules),

  'traffic/deny': (denied: readonly Denial[]) => reasonsAgainstDenials(denied),
};

/** A fence that was put around a region which has been well ever since is taken away as it was put. */
function unchecked(region: string): string {
  return (
    `Region ${region} was lost since it was fenced, and may be behind: npx twinkeep region readmit ${region} brings it ` +
    'up to date, checks it, and lets it serve. Whoever wants it to serve unchecked turns it to "draining" first, then to "active".'
  );
}

function repeated(what: string, names: readonly string[]): string | undefined {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `The ${what} ${twice} stands there twice.`;
}
