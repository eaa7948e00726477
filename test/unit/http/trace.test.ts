import fc from 'fast-check';
import { readTrace } from '../../../lambdas/handlers/http';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

test('a caller’s trace goes on, with a span of our own and its flags', () => {
  const { traceId, traceparent } = readTrace({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` });
  expect(traceId).toBe(TRACE_ID);
  const [, trace, span, flags] = TRACEPARENT.exec(traceparent) ?? [];
  expect([trace, flags]).toEqual([TRACE_ID, '01']);
  expect(span).not.toBe(SPAN_ID);
});

test('a later version may say more than we read', () => {
  expect(readTrace({ traceparent: `01-${TRACE_ID}-${SPAN_ID}-01-more` }).traceId).toBe(TRACE_ID);
});

test.each([
  undefined,
  '',
  'x',
  `00-${TRACE_ID}-${SPAN_ID}`,
  `00-${TRACE_ID}-${SPAN_ID}-01-more`,
  `ff-${TRACE_ID}-${SPAN_ID}-01`,
  `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`,
  `00-${'0'.repeat(32)}-${SPAN_ID}-01`,
  `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
  `00-${TRACE_ID}-${SPAN_ID}-01\n`,
])('%j begins a trace of its own', (traceparent) => {
  const one = readTrace({ traceparent });
  expect(one.traceparent).toMatch(TRACEPARENT);
  expect(one.traceparent).toContain(one.traceId);
  expect(one.traceId).not.toBe(TRACE_ID);
  expect(readTrace({ traceparent }).traceId).not.toBe(one.traceId);
});

test('whatever is sent, what is answered is well-formed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (traceparent) => {
      expect(readTrace({ traceparent }).traceparent).toMatch(TRACEPARENT);
    }),
  );
});
