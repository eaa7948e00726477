import { ERRORS, type ErrorCode, type Log, type LogFields, Problem, unavailable } from '../../../lambdas/core';
import { answerToError, json, noContent, notModified, problemAnswer, readTrace } from '../../../lambdas/handlers/http';

const TRACE = readTrace({});
const EVERYWHERE = { 'Cache-Control': 'private, no-cache', 'X-Content-Type-Options': 'nosniff' };

/** A log that remembers. */
function rememberingLog(): Log & { lines: [string, string, LogFields | undefined][] } {
  const lines: [string, string, LogFields | undefined][] = [];
  const at = (level: string) => (message: string, fields?: LogFields) => void lines.push([level, message, fields]);
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

test('answers carry what every answer carries, and no header without a value', () => {
  expect(json(200, '{}', { ETag: '"5"', Degraded: undefined })).toEqual({
    statusCode: 200,
    headers: { ...EVERYWHERE, 'Content-Type': 'application/json', ETag: '"5"' },
    body: '{}',
  });
  expect(noContent()).toEqual({ statusCode: 204, headers: EVERYWHERE, body: '' });
  expect(notModified({ ETag: '"5"' })).toEqual({ statusCode: 304, headers: { ...EVERYWHERE, ETag: '"5"' }, body: '' });
});

describe('a problem', () => {
  test('tells its code, its title and the trace', () => {
    const { statusCode, headers, body } = problemAnswer(
      new Problem('MEMBER_NOT_FOUND', { cause: new Error('x') }),
      TRACE,
    );
    expect(statusCode).toBe(404);
    expect(headers).toEqual({
      ...EVERYWHERE,
      'Content-Type': 'application/problem+json',
      traceparent: TRACE.traceparent,
    });
    expect(JSON.parse(body)).toEqual({
      type: 'urn:twinkeep:error:MEMBER_NOT_FOUND',
      title: ERRORS.MEMBER_NOT_FOUND.title,
      status: 404,
      code: 'MEMBER_NOT_FOUND',
      traceId: TRACE.traceId,
    });
  });

  test('tells what else is known', () => {
    const errors = [{ path: 'profile.phone', message: 'is required' }];
    const details = { detail: 'more', errors, rule: 'r1', retryAfterMs: 1200, headers: { ETag: '"5"' } };
    const { headers, body } = problemAnswer(new Problem('NOT_ACKNOWLEDGED', details), TRACE);
    expect(JSON.parse(body)).toMatchObject({ detail: 'more', errors, rule: 'r1', retryAfterMs: 1200 });
    expect(headers).toMatchObject({ ETag: '"5"', 'Retry-After': '2' });
  });

  test.each([
    [0, '1'],
    [1, '1'],
    [1000, '1'],
    [1001, '2'],
  ])('asks to come again after %d ms in seconds, rounded up', (retryAfterMs, header) => {
    expect(problemAnswer(unavailable('x', undefined, retryAfterMs), TRACE).headers['Retry-After']).toBe(header);
  });

  test.each(Object.keys(ERRORS) as ErrorCode[])('%s has the status of its code', (code) => {
    expect(problemAnswer(new Problem(code), TRACE).statusCode).toBe(ERRORS[code].status);
  });
});

describe('what was thrown', () => {
  test.each([new Error('secret'), new TypeError('secret'), 'secret', { phone: 'secret' }, undefined, null, 5])(
    'and is no Problem is answered by the trace id only: %p',
    (thrown) => {
      const log = rememberingLog();
      const { statusCode, body } = answerToError(thrown, TRACE, log);
      expect(statusCode).toBe(500);
      expect(JSON.parse(body)).toEqual({
        type: 'urn:twinkeep:error:INTERNAL',
        title: ERRORS.INTERNAL.title,
        status: 500,
        code: 'INTERNAL',
        traceId: TRACE.traceId,
      });
      const [[level, , fields] = []] = log.lines;
      expect(level).toBe('error');
      expect(fields?.traceId).toBe(TRACE.traceId);
      expect(fields?.error).toBeInstanceOf(Error);
      if (thrown instanceof Error) expect(fields?.error).toBe(thrown);
      else expect(String(fields?.error)).not.toContain('secret');
    },
  );

  test('and is the fault of the caller is not logged', () => {
    const log = rememberingLog();
    expect(answerToError(new Problem('ACCOUNT_BOUND'), TRACE, log).statusCode).toBe(409);
    expect(log.lines).toEqual([]);
  });

  test.each(['SHED', 'STOPPED'] as const)('because we would do no more is counted, and not logged: %s', (code) => {
    const log = rememberingLog();
    expect(answerToError(new Problem(code), TRACE, log).statusCode).toBe(503);
    expect(log.lines).toEqual([]);
  });

  test('because something is away is logged with its cause', () => {
    const log = rememberingLog();
    const problem = unavailable('the database of a1 cannot be reached', new Error('ECONNREFUSED'));
    expect(answerToError(problem, TRACE, log).statusCode).toBe(503);
    expect(log.lines).toEqual([
      ['warn', 'request refused', { traceId: TRACE.traceId, code: 'UNAVAILABLE', status: 503, error: problem }],
    ]);
  });
});
