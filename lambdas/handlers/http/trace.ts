import { randomUUID } from 'node:crypto';
import type { Headers } from './event';

/** Where a request stands in its caller's trace (W3C Trace Context). */
export interface Trace {
  readonly traceId: string;
  /** The header to answer with, and to send along: the caller's trace, with a span of our own. */
  readonly traceparent: string;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** The trace that the caller names, or a new one. A header that is none counts as absent, as the standard asks. */
export function readTrace(headers: Headers): Trace {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(headers.traceparent ?? '') ?? [];
  const isTrace = version !== 'ff' && traceId !== NO_TRACE && spanId !== NO_SPAN;
  // Only versions that do not exist yet may say more.
  const isReadable = isTrace && (version !== '00' || rest === undefined);
  if (traceId !== undefined && flags !== undefined && isReadable) return traceOf(traceId, flags);
  return traceOf(newTraceId(), '00');
}

function traceOf(traceId: string, flags: string): Trace {
  return { traceId, traceparent: `00-${traceId}-${newSpanId()}-${flags}` };
}

// A UUID is the cheapest source of random digits, because Node draws its randomness ahead.

function newTraceId(): string {
  const id = randomUUID();
  return id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24);
}

function newSpanId(): string {
  const id = randomUUID();
  return id.slice(19, 23) + id.slice(24);
}
