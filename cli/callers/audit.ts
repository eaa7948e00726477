import type { FlowRule } from '../../lambdas/core';
import { type Caller, type DayOfCalls, isLive, keyName, type SecondOfCalls } from '../../lambdas/traffic';

/** What an audit goes by. */
export interface Audited {
  readonly callers: readonly Caller[];
  /** Those of `traffic/rules`. */
  readonly rules: readonly FlowRule[];
  /** Of both regions, the same day once for each. */
  readonly days: readonly DayOfCalls[];
  /** The last minutes, of both regions. */
  readonly seconds: readonly SecondOfCalls[];
  readonly nowMs: number;
}

export type FindingKind =
  | 'no-owner'
  | 'no-class'
  | 'no-rule'
  | 'no-live-key'
  | 'old-key'
  | 'expiring-key'
  | 'unfinished-rotation'
  | 'unused'
  | 'unused-class'
  | 'near-limit';

export interface Finding {
  readonly kind: FindingKind;
  /** A whole sentence that says what to do, if anything. */
  readonly text: string;
}

/** A limit of a caller, and the most that was asked of it in a second of the last minutes. */
export interface LimitUse {
  readonly rule: string;
  readonly mode: 'dry-run' | 'on';
  readonly ratePerS: number;
  readonly mostPerS: number;
}

export interface AuditedCaller {
  readonly id: string;
  readonly owner: string;
  readonly status: Caller['status'];
  readonly findings: readonly Finding[];
  readonly usage: {
    /** Since which day calls are known, `2026-11-28`; undefined where nothing is. */
    readonly knownSince: string | undefined;
    readonly calls: number;
    /** There were too many kinds of calls to tell all apart: this one's may be among those that nobody knows. */
    readonly isPartial: boolean;
    /** The last day on which it called. */
    readonly lastDay: string | undefined;
    readonly classes: Readonly<Record<string, number>>;
    readonly operations: Readonly<Record<string, number>>;
  };
  readonly limits: readonly LimitUse[];
}

const MS_PER_DAY = 86_400_000;
const OLD_KEY_DAYS = 365;
const EXPIRES_SOON_DAYS = 14;
const ROTATION_DAYS = 30;
/** Somebody who does not call for so long does not need to be let in. */
const UNUSED_DAYS = 30;
const NEAR_LIMIT = 0.8;
/** Who stands for all whose calls were counted together. */
const OTHERS = '*';

export function auditCallers(audited: Audited): AuditedCaller[] {
  const known = [...new Set(audited.days.map(({ day }) => day))].sort((one, other) => one - other);
  const inOrder = [...audited.callers].sort((one, other) => one.id.localeCompare(other.id));
  return inOrder.map((caller) => {
    const usage = usageOf(caller, audited.days, known[0]);
    const limits = limitsOf(caller, audited);
    const findings = [
      ...duties(caller, audited),
      ...keyFindings(caller, audited.nowMs),
      ...useFindings(caller, usage, audited.nowMs),
      ...limits.filter(isNear).map(
        ({ rule, mode, ratePerS, mostPerS }): Finding => ({
          kind: 'near-limit',
          text: `It asked for ${mostPerS} a second where rule ${rule} ${mode === 'on' ? 'lets' : 'would let'} ${ratePerS} pass.`,
        }),
      ),
    ];
    return { id: caller.id, owner: caller.owner, status: caller.status, findings, usage, limits };
  });
}

function duties({ id, owner, classes, rules: own }: Caller, { rules }: Audited): Finding[] {
  const isRuled = rulesOf(id, own, rules).some(({ mode }) => mode === 'on');
  return [
    ...found(owner.trim() === '', 'no-owner', `Nobody answers for it: twinkeep callers change ${id} --owner TEAM`),
    ...found(classes.length === 0, 'no-class', `It may use no class: twinkeep callers change ${id} --classes C`),
    ...found(!isRuled, 'no-rule', `No rule bounds it: twinkeep callers rules ${id} --help`),
  ];
}

function keyFindings({ id, keys }: Caller, nowMs: number): Finding[] {
  const live = keys.filter((key) => isLive(key, nowMs));
  const [oldest] = live;
  const named = (days: number, key: (typeof keys)[number] | undefined) =>
    key !== undefined && key.createdAtMs > 0 && nowMs - key.createdAtMs > days * MS_PER_DAY;
  const expiring =
    live.length === 1 && (oldest?.expiresAtMs ?? Number.POSITIVE_INFINITY) - nowMs < EXPIRES_SOON_DAYS * MS_PER_DAY;
  const since = live.at(-1)?.createdAtMs ?? nowMs;
  return [
    ...found(live.length === 0, 'no-live-key', `No key lets it in: twinkeep callers rotate ${id}, or leave it so.`),
    ...live
      .filter((key) => named(OLD_KEY_DAYS, key))
      .map((key) => finding('old-key', `Key ${keyName(key)} is older than a year: twinkeep callers rotate ${id}`)),
    ...found(
      expiring,
      'expiring-key',
      `Its only key expires within ${EXPIRES_SOON_DAYS} days: twinkeep callers rotate ${id}`,
    ),
    ...found(
      live.length > 1 && nowMs - since > ROTATION_DAYS * MS_PER_DAY,
      'unfinished-rotation',
      `It has had two keys for more than ${ROTATION_DAYS} days: twinkeep callers rotate ${id} --retire`,
    ),
  ];
}

/** Says nothing of days that nobody knows: a cache that began anew has forgotten who called. */
function useFindings(
  { id, classes, createdAtMs, status }: Caller,
  usage: AuditedCaller['usage'],
  nowMs: number,
): Finding[] {
  if (usage.knownSince === undefined || usage.isPartial || status === 'suspended') return [];
  const knownMs = nowMs - Math.max(Date.parse(usage.knownSince), createdAtMs);
  if (usage.calls === 0) {
    const days = Math.floor(knownMs / MS_PER_DAY);
    const advice = days < UNUSED_DAYS ? '' : ` If nobody needs it: twinkeep callers suspend ${id}`;
    const time = days === 0 ? 'less than a day that is' : days === 1 ? 'day that is' : `${days} days that are`;
    return [finding('unused', `It has not called in the ${time} known.${advice}`)];
  }
  return classes
    .filter((name) => usage.classes[name] === undefined)
    .map((name) =>
      finding('unused-class', `It may use class ${name}, and does not: twinkeep callers change ${id} --classes C`),
    );
}

function usageOf({ id }: Caller, days: readonly DayOfCalls[], firstDay: number | undefined): AuditedCaller['usage'] {
  const own = days.flatMap(({ day, calls }) =>
    calls.filter(({ caller }) => caller === id).map((one) => ({ day, ...one })),
  );
  const last = own.reduce<number | undefined>(
    (latest, { day }) => (latest === undefined ? day : Math.max(latest, day)),
    undefined,
  );
  return {
    knownSince: firstDay === undefined ? undefined : dayText(firstDay),
    calls: own.reduce((sum, { calls }) => sum + calls, 0),
    isPartial: days.some(({ calls }) => calls.some(({ caller }) => caller === OTHERS)),
    lastDay: last === undefined ? undefined : dayText(last),
    classes: sums(own.map(({ trafficClass, calls }) => [trafficClass, calls])),
    operations: sums(own.map(({ operation = 'others', calls }) => [operation, calls])),
  };
}

/** Rules that are the caller's alone: what all callers share says nothing about one. */
function limitsOf({ id, rules: own }: Caller, { rules, seconds }: Audited): LimitUse[] {
  return rulesOf(id, own, rules).flatMap(({ id: rule, mode, match, ratePerS }): LimitUse[] => {
    if (mode === 'off') return [];
    const perSecond = new Map<number, number>();
    for (const { second, calls } of seconds) {
      for (const { caller, trafficClass, operation, calls: count } of calls) {
        if (caller !== id || (match.class ?? trafficClass) !== trafficClass) continue;
        if (match.operation !== undefined && match.operation !== operation) continue;
        perSecond.set(second, (perSecond.get(second) ?? 0) + count);
      }
    }
    return [{ rule, mode, ratePerS, mostPerS: Math.max(0, ...perSecond.values()) }];
  });
}

/** Those that are a caller's alone; one of its own takes the place of the general one with its id, also where it is off. */
function rulesOf(id: string, own: readonly FlowRule[], rules: readonly FlowRule[]): FlowRule[] {
  return [...own, ...rules.filter((rule) => rule.match.caller === id && !own.some((one) => one.id === rule.id))];
}

function isNear({ ratePerS, mostPerS }: LimitUse): boolean {
  return mostPerS >= ratePerS * NEAR_LIMIT;
}

function sums(counts: readonly (readonly [string, number])[]): Record<string, number> {
  const summed: Record<string, number> = {};
  for (const [name, count] of counts) summed[name] = (summed[name] ?? 0) + count;
  return summed;
}

function dayText(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

function finding(kind: FindingKind, text: string): Finding {
  return { kind, text };
}

function found(is: boolean, kind: FindingKind, text: string): Finding[] {
  return is ? [finding(kind, text)] : [];
}
