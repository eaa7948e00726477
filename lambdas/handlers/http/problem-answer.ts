import { ERRORS, isProblem, type Log, Problem } from '../../core';
import { typed } from './answers';
import type { HttpAnswer } from './event';
import type { Trace } from './trace';

const MS_PER_S = 1000;
/** What we refuse to save work is counted, by its rule: a line in the log would cost more than the read of a member. */
const COUNTED: ReadonlySet<Problem['code']> = new Set(['SHED', 'STOPPED']);

/** A problem as `application/problem+json`; its cause stays here. */
export function problemAnswer(problem: Problem, { traceId, traceparent }: Trace): HttpAnswer {
  const { status, title } = ERRORS[problem.code];
  const { detail, errors, rule, retryAfterMs, headers } = problem.details;
  const type = `urn:twinkeep:error:${problem.code}`;
  const body = { type, title, status, code: problem.code, traceId, detail, errors, rule, retryAfterMs };
  return typed(status, 'application/problem+json', JSON.stringify(body), {
    ...headers,
    'Retry-After': retryAfterMs === undefined ? undefined : retryAfterS(retryAfterMs),
    traceparent,
  });
}

/** Whole seconds, rounded up: who comes again is not too early. */
function retryAfterS(retryAfterMs: number): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / MS_PER_S)));
}

/** The answer to whatever was thrown. Who called learns of what we did not expect by the trace id only. */
export function answerToError(error: unknown, trace: Trace, log: Log): HttpAnswer {
  const problem = isProblem(error) ? error : new Problem('INTERNAL', { cause: error });
  if (problem.status >= 500 && !COUNTED.has(problem.code)) note(problem, trace, log);
  return problemAnswer(problem, trace);
}

function note(problem: Problem, { traceId }: Trace, log: Log): void {
  const { cause } = problem.details;
  const fields = { traceId, code: problem.code, status: problem.status };
  if (problem.code !== 'INTERNAL') log.warn('request refused', { ...fields, error: problem });
  else log.error('request failed', { ...fields, error: cause instanceof Error ? cause : thrown(cause) });
}

function thrown(value: unknown): Error {
  return new Error(`a ${typeof value} was thrown`);
}
