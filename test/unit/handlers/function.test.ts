import { defineFunction } from '../../../lambdas/handlers/function';

const address = { host: '127.0.0.1', port: 1 };
const both = { A: address, B: address };
const ENVIRONMENT = {
  TWINKEEP_STAGE: 'local',
  TWINKEEP_REGION: 'A',
  TWINKEEP_FUNCTION: 'members-order',
  TWINKEEP_CLASS: 'order',
  TWINKEEP_ENDPOINTS: JSON.stringify({
    databases: { a1: both },
    caches: both,
    domains: { order: 'http://o', standby: 'http://s', marketing: 'http://m' },
    topics: { A: 'a', B: 'b' },
    queues: {},
    tablePrefix: 't',
  }),
  TWINKEEP_SECRETS: JSON.stringify({
    database: { user: 'u', password: 'p' },
    cursorKey: 'a key of sixteen',
    contactKey: 'a key of sixteen',
  }),
};

beforeEach(() => Object.assign(process.env, ENVIRONMENT));
afterEach(() => {
  for (const name of Object.keys(ENVIRONMENT)) delete process.env[name];
  jest.restoreAllMocks();
});

/** Lines on the standard output of this process from here on. */
function watchOutput() {
  const lines: string[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  return lines;
}

function measured() {
  return defineFunction(({ metrics }) => ({
    async handler({ fails }: { fails: boolean }) {
      metrics.time('Latency', 1, { operation: 'getMember', outcome: fails ? 'INTERNAL' : 'ok' });
      if (fails) throw new Error('as asked');
      return 'answered';
    },
    async close() {
      metrics.time('Latency', 1, { operation: 'getMember', outcome: 'late' });
    },
  }));
}

test.each([false, true])(
  'what was measured is written before the invocation is answered (it fails: %s)',
  async (fails) => {
    const { handler } = measured();
    const lines = watchOutput();
    const answer = handler({ fails });
    const outcome = await answer.then(
      () => lines.length,
      () => lines.length,
    );
    expect(outcome).toBe(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ region: 'A', class: 'order', Latency: { Count: 1 } });
  },
);

test('what is left is written when the function is closed', async () => {
  const { handler, close } = measured();
  const lines = watchOutput();
  await handler({ fails: false });
  await handler({ fails: false });
  expect(lines).toHaveLength(1);
  await close();
  const latest = lines.slice(1).flatMap((text) => text.trimEnd().split('\n'));
  expect(latest.map((line) => JSON.parse(line).outcome)).toEqual(['ok', 'late']);
});
