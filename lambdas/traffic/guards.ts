import { CLASS_RULES, type Operation, type TrafficClass } from '../../topology';
import type { Caller } from '../arbiter';
import { type Clock, Problem } from '../core';
import { isSecretOf, parseApiKey } from './api-key';
import { CallerDirectory, type CallerRegistry, type KnownCaller } from './caller-directory';

/** What the guards look at. */
export interface GuardedRequest {
  /** Header `x-api-key`. */
  readonly apiKey: string | undefined;
  readonly trafficClass: TrafficClass;
  readonly operation: Operation;
  readonly writes: boolean;
}

/** A request on its way through the guards. */
interface Passage {
  readonly request: GuardedRequest;
  /** Set by the first guard. */
  caller: Caller | undefined;
}

/** Lets a request pass by returning; throws the Problem that refuses it. */
type Guard = (passage: Passage) => void | Promise<void>;

/** @throws Problem UNKNOWN_CALLER, CLASS_NOT_ALLOWED, CLASS_READ_ONLY or UNAVAILABLE */
export type Admit = (request: GuardedRequest) => Caller | Promise<Caller>;

export interface GuardParts {
  readonly registry: CallerRegistry;
  /** How often the registry was changed, as far as it is known here. */
  readonly callersRevision?: () => number;
  readonly clock: Clock;
}

/** The guards of one execution environment, in the order in which they are asked. */
export function createGuards(parts: GuardParts): Admit {
  const guards: readonly Guard[] = [authenticate(parts), classAllowed, classReadOnly];
  return (request) => pass(guards, { request, caller: undefined });
}

/** Asks the guards in turn, and waits only for those that have to: those of a caller that was met lately have not. */
function pass(guards: readonly Guard[], passage: Passage, from = 0): Caller | Promise<Caller> {
  for (let at = from; at < guards.length; at += 1) {
    const pending = guards[at]?.(passage);
    if (pending !== undefined) return pending.then(() => pass(guards, passage, at + 1));
  }
  return callerOf(passage);
}

function authenticate({ registry, callersRevision = () => 0, clock }: GuardParts): Guard {
  const directory = new CallerDirectory({ registry, clock });
  const identify = (passage: Passage, known: KnownCaller | undefined, secret: string): void => {
    // Always compared first, so that an unknown caller takes as long as a wrong secret.
    const isKey = isSecretOf(known?.keys, secret, clock.nowMs());
    if (known === undefined || !isKey || known.caller.status !== 'active') throw unknownCaller();
    passage.caller = known.caller;
  };
  return (passage) => {
    const key = parseApiKey(passage.request.apiKey);
    if (key === undefined) throw unknownCaller();
    directory.hear(callersRevision());
    const known = directory.find(key.callerId);
    if (!(known instanceof Promise)) return identify(passage, known, key.secret);
    return known.then((found) => identify(passage, found, key.secret));
  };
}

function unknownCaller(): Problem {
  return new Problem('UNKNOWN_CALLER', { headers: { 'WWW-Authenticate': 'ApiKey' } });
}

function classAllowed(passage: Passage): void {
  if (!callerOf(passage).classes.includes(passage.request.trafficClass)) throw new Problem('CLASS_NOT_ALLOWED');
}

function classReadOnly({ request }: Passage): void {
  if (request.writes && CLASS_RULES[request.trafficClass].readOnly) throw new Problem('CLASS_READ_ONLY');
}

function callerOf({ caller }: Passage): Caller {
  if (caller === undefined) throw new Error('a guard was asked before the caller was known');
  return caller;
}
