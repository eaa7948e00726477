import type { Operation } from '../../topology';
import { isProblem, type Metrics, type Problem } from '../core';
import type { HttpAnswer } from './http';

/** What is known of a request while it is answered. */
export interface Measured {
  readonly beganAtMs: number;
  /** Whether the other region's function forwarded it, and measures it as its own. */
  readonly isForwarded: boolean;
  operation: Operation | undefined;
  caller: string | undefined;
}

/** A request that was answered well, or that the caller has to mend. */
const OK = 'ok';
/** Refused before anything was done for them: by a guard, or because nothing could be done. */
const REFUSALS: ReadonlySet<string> = new Set([
  'UNKNOWN_CALLER',
  'CLASS_NOT_ALLOWED',
  'CLASS_READ_ONLY',
  'DENIED',
  'LIMITED',
  'SHED',
  'STOPPED',
  'UNAVAILABLE',
]);
/** Asked every few seconds by health checks, which are no traffic. */
const UNMEASURED: ReadonlySet<Operation | undefined> = new Set<Operation>(['health', 'openapi']);

/** Counts the requests of one function. Each costs a fraction of a microsecond: dimensions are passed, not kept. */
export class Metering {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  answered(request: Measured, answer: HttpAnswer, nowMs: number): void {
    if (UNMEASURED.has(request.operation)) return;
    const outcome = answer.statusCode < 400 ? OK : codeOf(answer);
    const { Source: source, Degraded: degraded } = answer.headers;
    this.#count(request, outcome, nowMs, kindOf(source), degraded);
    if (degraded !== undefined) this.#metrics.count('DegradedAnswers', { degraded });
  }

  failed(request: Measured, error: unknown, nowMs: number): void {
    if (UNMEASURED.has(request.operation)) return;
    const problem = isProblem(error) ? error : undefined;
    const outcome = problem?.code ?? 'INTERNAL';
    this.#count(request, outcome, nowMs);
    if (REFUSALS.has(outcome)) this.#metrics.count('Refusals', { outcome, rule: problem?.details.rule });
  }

  #count(request: Measured, outcome: string, nowMs: number, source?: string, degraded?: string): void {
    const { operation, isForwarded, beganAtMs, caller } = request;
    const durationMs = nowMs - beganAtMs;
    if (isForwarded) {
      this.#metrics.time('ForwardedLatency', durationMs, { operation, outcome });
      return;
    }
    this.#metrics.time('Latency', durationMs, { operation, outcome, source, degraded });
    this.#metrics.count('CallerRequests', { caller, outcome });
  }
}

/** `database;unit=a1;role=replica` is `database`. */
function kindOf(source: string | undefined): string | undefined {
  if (source === undefined || source === 'cache') return source;
  const end = source.indexOf(';');
  return end < 0 ? source : source.slice(0, end);
}

/** Of a problem that the other region's function answered. */
function codeOf({ body }: HttpAnswer): string {
  try {
    return (JSON.parse(body) as Pick<Problem, 'code'>).code;
  } catch {
    return 'INTERNAL';
  }
}
