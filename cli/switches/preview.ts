import type { Denial, FlowRule } from '../../lambdas/core';
import { type Preview, previewTraffic as previewOf, type TrafficSettings } from '../../lambdas/traffic';
import { table } from '../commands/command';
import type { SwitchSystem } from './system';

const RECENT_MS = 300_000;
const S_PER_MIN = 60;
/** Of a long list the rest is in `--json`. */
const MOST_LINES = 20;

/** Whether a switch says what becomes of calls. */
export function isAboutCalls(name: string): boolean {
  return name === 'traffic/rules' || name === 'traffic/deny';
}

/**
 * What rules and denials would have done to the calls of the last five minutes, beside the rules of callers as they are.
 *
 * @param tried rules of one caller's own, in the place of those that stand with it
 */
export async function previewTraffic(
  system: SwitchSystem,
  accepted: Readonly<Record<string, unknown>>,
  tried?: { readonly caller: string; readonly rules: readonly FlowRule[] },
): Promise<Preview> {
  const [callers, recent] = await Promise.all([system.arbiter.callers.list(), system.recentCalls(RECENT_MS)]);
  const settings = { rules: accepted['traffic/rules'] ?? [], deny: accepted['traffic/deny'] ?? [] } as TrafficSettings;
  const ownRules = new Map(callers.map(({ id, rules }) => [id, rules]));
  if (tried !== undefined) ownRules.set(tried.caller, tried.rules);
  return previewOf(settings, ownRules, recent);
}

/** Callers that rules or denials are meant for, and that nobody has registered. */
export async function unknownCallers({ arbiter }: SwitchSystem, value: unknown): Promise<string[]> {
  const known = new Set((await arbiter.callers.list()).map(({ id }) => id));
  const named = (value as readonly (FlowRule | Denial)[]).flatMap(({ match }) => match.caller ?? []);
  return [...new Set(named)].filter((caller) => !known.has(caller));
}

/** For people. */
export function described({ seconds, calls, refused, rules }: Preview): string[] {
  if (calls === 0) return ['There were no calls in the last five minutes: nothing to preview it with.'];
  const span = seconds < S_PER_MIN ? `${seconds} s` : `${Math.round(seconds / S_PER_MIN)} min`;
  const total = `Of ${calls} calls in ${span} it would have refused ${refused}.`;
  if (rules.length === 0) return [total];
  const rows = rules
    .slice(0, MOST_LINES)
    .map(({ caller, rule, mode, refused: count, calls: of }) => [caller, rule, mode, String(count), String(of)]);
  return [total, table([['caller', 'rule', 'mode', 'refused', 'of'], ...rows]).trimEnd()];
}
