import type { Denial, FlowMatch, FlowRule } from '../../lambdas/core';
import { type Caller, type Preview, previewTraffic as previewOf, type TrafficSettings } from '../../lambdas/traffic';
import type { Region } from '../../topology';
import { table } from '../commands/command';
import type { RecentCalls, SwitchSystem } from './system';

const RECENT_MS = 300_000;
const S_PER_MIN = 60;
/** Of a long list the rest is in `--json`. */
const MOST_LINES = 20;

/** What refuses calls: by switches, and by rules that stand with callers. */
export interface Terms {
  readonly settings: TrafficSettings;
  readonly ownRules: ReadonlyMap<string, readonly FlowRule[]>;
}

/** A preview of a change, beside the same of what stands. */
export interface PreviewedChange extends Preview {
  /** How many of the same calls would have been refused without the change. */
  readonly refusedNow: number;
  /** Regions that do not tell of their calls, which are missing in every figure. */
  readonly silentRegions?: readonly Region[];
}

/** What is tried in the place of what stands. */
export interface Tried {
  readonly switches?: Readonly<Record<string, unknown>>;
  /** Rules of one caller's own, in the place of those that stand with it. */
  readonly own?: { readonly caller: string; readonly rules: readonly FlowRule[] };
}

/** Whether a switch says what becomes of calls. */
export function isAboutCalls(name: string): boolean {
  return name === 'traffic/rules' || name === 'traffic/deny';
}

/** What rules and denials would have done to the calls of the last five minutes, beside all others that stand. */
export async function previewTraffic(
  system: SwitchSystem,
  accepted: Readonly<Record<string, unknown>>,
  { switches, own }: Tried,
): Promise<PreviewedChange> {
  const [callers, recent] = await Promise.all([system.arbiter.callers.list(), system.recentCalls(RECENT_MS)]);
  const ownRules = new Map(callers.map(({ id, rules }) => [id, rules]));
  const standing = { settings: settingsOf(accepted), ownRules };
  const tried = {
    settings: settingsOf({ ...accepted, ...switches }),
    ownRules: own === undefined ? ownRules : new Map([...ownRules, [own.caller, own.rules]]),
  };
  return compared(standing, tried, recent);
}

function settingsOf(accepted: Readonly<Record<string, unknown>>): TrafficSettings {
  return { rules: accepted['traffic/rules'] ?? [], deny: accepted['traffic/deny'] ?? [] } as TrafficSettings;
}

/** Most calls may be refused as it is: only beside that can be seen what a change would do. */
export function compared(standing: Terms, tried: Terms, { calls, silentRegions }: RecentCalls): PreviewedChange {
  const { refused: refusedNow } = previewOf(standing.settings, standing.ownRules, calls);
  return {
    ...previewOf(tried.settings, tried.ownRules, calls),
    refusedNow,
    ...(silentRegions.length > 0 && { silentRegions }),
  };
}

/** What rules or denials say to no effect, for now. */
export interface Misaimed {
  /** Callers that they are meant for, and that nobody has registered. */
  readonly unknownCallers: readonly string[];
  /** Calls of a caller in a class that it may not use. */
  readonly idleMatches: readonly FlowMatch[];
}

/** Whether a match is of a class that the caller of these classes may not use: it meets nothing until it may. */
export function isIdle({ class: name }: FlowMatch, classes: Caller['classes']): boolean {
  return name !== undefined && !classes.includes(name);
}

export function misaimed(callers: readonly Pick<Caller, 'id' | 'classes'>[], value: unknown): Misaimed {
  const classesOf = new Map(callers.map(({ id, classes }) => [id, classes]));
  const matches = (value as readonly (FlowRule | Denial)[]).map(({ match }) => match);
  const named = matches.flatMap(({ caller }) => caller ?? []);
  return {
    unknownCallers: [...new Set(named)].filter((caller) => !classesOf.has(caller)),
    idleMatches: matches.filter((match) => {
      const classes = match.caller === undefined ? undefined : classesOf.get(match.caller);
      return classes !== undefined && isIdle(match, classes);
    }),
  };
}

/** For people. */
export function described({ silentRegions = [], ...preview }: PreviewedChange): string[] {
  const missing = silentRegions.map(
    (region) => `The cache of region ${region} does not tell of its calls: they are missing here.`,
  );
  return [...figures(preview), ...missing];
}

function figures({ seconds, calls, refused, refusedNow, rules }: PreviewedChange): string[] {
  if (calls === 0) return ['There were no calls in the last five minutes: nothing to preview it with.'];
  const span = seconds < S_PER_MIN ? `${seconds} s` : `${Math.round(seconds / S_PER_MIN)} min`;
  const total = `Of ${calls} calls in ${span} ${refused} would have been refused; without the change ${refusedNow}.`;
  if (rules.length === 0) return [total];
  const rows = rules
    .slice(0, MOST_LINES)
    .map(({ caller, rule, mode, refused: count, calls: of }) => [caller, rule, mode, String(count), String(of)]);
  return [total, table([['caller', 'rule', 'mode', 'refused', 'of'], ...rows]).trimEnd()];
}
