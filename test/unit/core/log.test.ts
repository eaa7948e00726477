import { createLog, Problem } from '../../../lambdas/core';

/** What a log line says about an error, as JSON. */
function lineAbout(error: Error): string {
  const lines: string[] = [];
  const keep = (line: string | Uint8Array) => lines.push(String(line)) > 0;
  const writes = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation(keep));
  createLog({ functionName: 'members-order', region: 'A' }).error('request failed', { traceId: 'abc', error });
  for (const write of writes) write.mockRestore();
  return lines.join('');
}

const SECRET = '+351912345678';

test('an error is told with its name, code, message, place and cause', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:3306'), { code: 'ECONNREFUSED' });
  const line = JSON.parse(lineAbout(new Problem('UNAVAILABLE', { detail: 'unit a1 cannot be reached', cause })));
  expect(line).toMatchObject({
    message: 'request failed',
    traceId: 'abc',
    region: 'A',
    error: {
      name: 'Problem',
      code: 'UNAVAILABLE',
      message: 'unit a1 cannot be reached',
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:3306' },
    },
  });
  expect(line.error.frames[0]).toMatch(/^at .*log\.test/);
});

test.each<[string, Error]>([
  [
    'a statement of the database',
    Object.assign(new Error(`Duplicate entry '${SECRET}' for key`), {
      code: 'ER_DUP_ENTRY',
      sql: `INSERT '${SECRET}'`,
      sqlMessage: SECRET,
    }),
  ],
  [
    'a body of a search domain',
    Object.assign(new Error(`preview of the value: ${SECRET}`), { name: 'ResponseError', meta: { body: SECRET } }),
  ],
  ['arguments of a command', Object.assign(new Error('WRONGTYPE'), { command: { name: 'set', args: [SECRET] } })],
  ['JSON', new SyntaxError(`Unexpected token in "${SECRET}"`)],
  ['any of these as a cause', new Error('failed', { cause: Object.assign(new Error(SECRET), { sqlState: '23000' }) })],
  ['a cause that is a plain value', new Error('failed', { cause: { phone: SECRET } })],
])('no log line repeats %s', (_, error) => {
  const line = lineAbout(error);
  expect(line).toContain('request failed');
  expect(line).not.toContain('351912345678');
});

test('a chain of causes that bites its tail ends', () => {
  const error = new Error('a');
  error.cause = new Error('b', { cause: error });
  expect(lineAbout(error).length).toBeLessThan(20_000);
});
