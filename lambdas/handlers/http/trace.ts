import { randomFillSync } from 'node:crypto';
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
  if (traceId !== undefined && flags !== undefined && isReadable) return traceOf(traceId, randomHex(SPAN_BYTES), flags);
  const ids = randomHex(TRACE_BYTES + SPAN_BYTES);
  return traceOf(ids.slice(0, 2 * TRACE_BYTES), ids.slice(2 * TRACE_BYTES), '00');
}

function traceOf(traceId: string, spanId: string, flags: string): Trace {
  return { traceId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
/** Randomness is drawn ahead, for some hundred requests at a time: a call for each costs more than all the rest. */
const drawn = Buffer.alloc(256 * (TRACE_BYTES + SPAN_BYTES));
let used = drawn.length;

function randomHex(bytes: number): string {
  if (used + bytes > drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += bytes;
  return drawn.toString('hex', used - bytes, used);
}
