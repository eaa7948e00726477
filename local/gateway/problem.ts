import { randomBytes } from 'node:crypto';
import { ERRORS, type ErrorCode } from '../../lambdas/core';

/** An answer of the gateway itself, where no function could give one. */
export interface GatewayProblem {
  readonly code: ErrorCode;
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly traceId: string;
}

const TRACE_PARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;
const NO_TRACE = '0'.repeat(32);

/** The trace that a caller's `traceparent` names, or a new one. */
export function traceIdOf(traceParent: string | undefined): string {
  const named = traceParent === undefined ? undefined : TRACE_PARENT.exec(traceParent)?.[1];
  return named === undefined || named === NO_TRACE ? randomBytes(16).toString('hex') : named;
}

/** What a problem says beside its code. */
export interface ProblemSaid {
  readonly detail?: string | undefined;
  readonly rule?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** @param retryAfterMs rounded up to the seconds of `Retry-After` */
export function problem(
  code: ErrorCode,
  traceId: string,
  { detail, rule, retryAfterMs }: ProblemSaid = {},
): GatewayProblem {
  const { status, title } = ERRORS[code];
  return {
    code,
    status,
    traceId,
    body: JSON.stringify({
      type: `urn:twinkeep:error:${code}`,
      title,
      status,
      code,
      traceId,
      detail,
      rule,
      retryAfterMs,
    }),
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
    },
  };
}
