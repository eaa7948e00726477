import { setTimeout as delay } from 'node:timers/promises';
import { CLASS_RULES, type Operation, type TrafficClass } from '../../topology';
import type { Caller } from '../arbiter';
import { type Clock, Problem } from '../core';
import type { Deadline } from '../resilience';
import { isSecretOf, parseApiKey } from './api-key';
import { CallerDirectory, type CallerRegistry, type KnownCaller } from './caller-directory';
import {
  type Applied,
  type AppliedRules,
  DENY_LIST,
  PASSED,
  PASSED_UNCOUNTED,
  type Passes,
  type Verdict,
} from './flow';
import { HOT_ACCOUNT, type HotAccounts } from './hot-accounts';
import { isFromCache, onlyFromCache } from './suspicion';

/** Guards that ask limits, in their order. */
const LIMITING_GUARDS = ['class', 'global', 'caller', 'turn'] as const;
type LimitingGuard = (typeof LIMITING_GUARDS)[number];

/** What the guards look at. */
export interface GuardedRequest {
  /** Header `x-api-key`. */
  readonly apiKey: string | undefined;
  readonly trafficClass: TrafficClass;
  readonly operation: Operation;
  readonly writes: boolean;
  /** Whether the other region's function has let it pass and counted it. */
  readonly isForwarded: boolean;
  /** The member or account that its path names; empty where it names none. */
  readonly account: string;
  /** By when it has to be answered. */
  readonly deadline: Deadline;
  /** Where it waits for its turn, if somebody has to know. */
  readonly waiting?:
    | {
        /** Whether it may wait. */
        readonly isOpen: boolean;
        /** Is told that it does. @returns what is told that it goes on; undefined where it must not wait */
        begin(): (() => void) | undefined;
      }
    | undefined;
  /** Is told who calls, for whoever counts also what is refused. */
  readonly identified: { caller: string | undefined };
}

/** A request on its way through the guards. */
interface Passage {
  readonly request: GuardedRequest;
  /** Set by the first guard. */
  caller: Caller | undefined;
  /** Set by the deny list: what the guards behind it ask. */
  passes: Passes | undefined;
  /** How long its turn is away, where it was queued. */
  waitMs: number;
  /** On the monotonic clock, read once for all guards that wait for nothing: reading it costs as much as some of them. */
  nowMs: number;
  /** When it came to the limits: those that let it pass at once did so then. */
  passedAtMs: number | undefined;
  /** When limits that it had to wait for let it pass: those that follow passed no earlier. */
  awaited: Map<Applied, number> | undefined;
  /** Limits that have let it pass, and counted nothing of it. */
  uncounted: Set<Applied> | undefined;
}

/** Lets a request pass by returning; throws the Problem that refuses it. */
type Guard = (passage: Passage) => void | Promise<void>;

/** @throws Problem UNKNOWN_CALLER, DENIED, CLASS_NOT_ALLOWED, CLASS_READ_ONLY, LIMITED, SHED or UNAVAILABLE */
export type Admit = (request: GuardedRequest) => Caller | Promise<Caller>;

export interface GuardParts {
  readonly registry: CallerRegistry;
  /** How often the registry was changed, as far as it is known here. */
  readonly callersRevision?: () => number;
  readonly clock: Clock;
  readonly rules: AppliedRules;
  readonly hotAccounts: HotAccounts;
}

/** The guards of one execution environment, in the order in which they are asked. */
export function createGuards(parts: GuardParts): Admit {
  const { clock, rules, hotAccounts } = parts;
  const guards: readonly Guard[] = [
    authenticate(parts),
    notDenied(rules),
    classAllowed,
    classReadOnly,
    unsuspected,
    withinLimits('class', clock),
    withinLimits('global', clock),
    withinLimits('caller', clock),
    accountNotHot(hotAccounts),
    withinLimits('turn', clock),
    deadlineMet,
  ];
  return (request) => {
    const passage = {
      request,
      caller: undefined,
      passes: undefined,
      waitMs: 0,
      nowMs: clock.monotonicMs(),
      passedAtMs: undefined,
      awaited: undefined,
      uncounted: undefined,
    };
    return pass(guards, passage, clock);
  };
}

/** Asks the guards in turn, and waits only for those that have to: those of a caller that was met lately have not. */
function pass(guards: readonly Guard[], passage: Passage, clock: Clock, from = 0): Caller | Promise<Caller> {
  for (let at = from; at < guards.length; at += 1) {
    const pending = guards[at]?.(passage);
    if (pending === undefined) continue;
    return pending.then(() => {
      passage.nowMs = clock.monotonicMs();
      return pass(guards, passage, clock, at + 1);
    });
  }
  return callerOf(passage);
}

function authenticate({ registry, callersRevision = () => 0, clock }: GuardParts): Guard {
  const directory = new CallerDirectory({ registry, clock });
  const identify = (passage: Passage, known: KnownCaller | undefined, secret: string): void => {
    // Always compared first, so that an unknown caller takes as long as a wrong secret.
    const isKey = isSecretOf(known?.keys, secret, clock.nowMs());
    if (known === undefined || !isKey || known.caller.status === 'suspended') throw unknownCaller();
    passage.caller = known.caller;
    passage.request.identified.caller = known.caller.id;
  };
  return (passage) => {
    const key = parseApiKey(passage.request.apiKey);
    if (key === undefined) throw unknownCaller();
    directory.hear(callersRevision());
    const known = directory.find(key.callerId, passage.nowMs);
    if (!(known instanceof Promise)) return identify(passage, known, key.secret);
    return known.then((found) => identify(passage, found, key.secret));
  };
}

/** By then a change of the registry is known everywhere. */
const REGISTERED_RETRY_MS = 5_000;

function unknownCaller(): Problem {
  const headers = { 'WWW-Authenticate': 'ApiKey' };
  return new Problem('UNKNOWN_CALLER', { rule: 'guard/authenticate', retryAfterMs: REGISTERED_RETRY_MS, headers });
}

/** Whoever denied a call did so for some time. */
const DENIED_RETRY_MS = 60_000;

function notDenied(rules: AppliedRules): Guard {
  return (passage) => {
    const { request } = passage;
    const passes = rules.passesOf(callerOf(passage), request.operation);
    passage.passes = passes;
    if (!request.isForwarded) passes.counter.calls += 1;
    if (passes.isDenied) throw new Problem('DENIED', { rule: DENY_LIST, retryAfterMs: DENIED_RETRY_MS });
  };
}

function classAllowed(passage: Passage): void {
  if (callerOf(passage).classes.includes(passage.request.trafficClass)) return;
  throw new Problem('CLASS_NOT_ALLOWED', { rule: 'guard/class', retryAfterMs: REGISTERED_RETRY_MS });
}

/** No coming again helps. */
function classReadOnly({ request }: Passage): void {
  if (!request.writes || !CLASS_RULES[request.trafficClass].readOnly) return;
  throw new Problem('CLASS_READ_ONLY', { rule: 'guard/read-only' });
}

/** Of a caller under suspicion only what the cache alone can answer gets further. */
function unsuspected(passage: Passage): void {
  if (callerOf(passage).status === 'cache-only' && !isFromCache(passage.request.operation)) throw onlyFromCache();
}

/** What a request that waits for its turn needs afterwards. */
const SERVING_MS = 500;

/** A forwarded request was counted where it was called. */
function withinLimits(guard: LimitingGuard, clock: Clock): Guard {
  return (passage) => {
    const { request, passes } = passage;
    if (passes === undefined || passes[guard].length === 0 || request.isForwarded) return undefined;
    passage.passedAtMs ??= passage.nowMs;
    return askFrom(0, passes[guard], passage, clock);
  };
}

function askFrom(from: number, limits: readonly Applied[], passage: Passage, clock: Clock): void | Promise<void> {
  const { deadline, waiting } = passage.request;
  // A turn that nobody may wait for would pass unused.
  const mostWaitMs = waiting?.isOpen === false ? 0 : deadline.remainingAt(passage.nowMs) - SERVING_MS;
  for (let at = from; at < limits.length; at += 1) {
    const applied = limits[at] as Applied;
    const verdict = applied.limit.take(passage.nowMs, Math.max(0, mostWaitMs));
    if (verdict === PASSED) continue;
    if (typeof verdict === 'number') {
      heed(verdict, applied, passage);
      continue;
    }
    return verdict.then((decided) => {
      passage.nowMs = clock.monotonicMs();
      heed(decided, applied, passage);
      passage.awaited ??= new Map();
      passage.awaited.set(applied, passage.nowMs);
      return askFrom(at + 1, limits, passage, clock);
    });
  }
}

function heed(verdict: Verdict, applied: Applied, passage: Passage): void {
  if (verdict === PASSED_UNCOUNTED) {
    passage.uncounted ??= new Set();
    passage.uncounted.add(applied);
    return;
  }
  if (verdict < 0) passage.waitMs = Math.max(passage.waitMs, -verdict);
  if (verdict <= 0) return;
  giveBackBefore(applied, passage);
  throw new Problem('LIMITED', { rule: applied.rule, retryAfterMs: verdict });
}

function accountNotHot(hotAccounts: HotAccounts): Guard {
  return (passage) => {
    const { account, isForwarded, writes } = passage.request;
    if (account === '' || isForwarded || hotAccounts.mode === 'off') return;
    const retryAfterMs = hotAccounts.take(account, writes, passage.nowMs);
    if (retryAfterMs === 0) return;
    giveBackBefore(undefined, passage);
    throw new Problem('LIMITED', { rule: HOT_ACCOUNT, retryAfterMs });
  };
}

/** What refuses it has counted nothing; what it had passed has. */
function giveBackBefore(refusing: Applied | undefined, passage: Passage): void {
  const { passes, passedAtMs = 0, awaited, uncounted } = passage;
  let atMs = passedAtMs;
  for (const guard of LIMITING_GUARDS) {
    for (const applied of passes?.[guard] ?? []) {
      if (applied === refusing) return;
      atMs = awaited?.get(applied) ?? atMs;
      if (uncounted?.has(applied) !== true) applied.limit.giveBack(atMs);
    }
  }
}

const LATE_RETRY_MS = 1_000;

/** Whoever has been given a turn waits for it. A turn that would come too late was not given. */
function deadlineMet({ waitMs, nowMs, request }: Passage): void | Promise<void> {
  if (waitMs > 0) return turn(waitMs, request);
  if (request.deadline.remainingAt(nowMs) > 0) return;
  const detail = 'the time for this request was over before it began';
  throw new Problem('UNAVAILABLE', { detail, rule: 'guard/deadline', retryAfterMs: LATE_RETRY_MS });
}

async function turn(waitMs: number, { waiting }: GuardedRequest): Promise<void> {
  const goOn = waiting?.begin();
  if (waiting !== undefined && goOn === undefined) throw tooManyWait(waitMs);
  await delay(waitMs);
  goOn?.();
}

function tooManyWait(waitMs: number): Problem {
  const detail = 'too many of this class wait for their turn';
  return new Problem('SHED', { detail, rule: 'limit/waiting', retryAfterMs: Math.ceil(waitMs) });
}

function callerOf({ caller }: Passage): Caller {
  if (caller === undefined) throw new Error('a guard was asked before the caller was known');
  return caller;
}
