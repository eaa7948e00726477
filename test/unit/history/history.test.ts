import { type Call, type Client, type Exchange, History, outcomeOf, Session } from '../../support/history';
import { binding, documentOf, getting, registering } from './histories';

function reply(status: number, body: object | string = '', headers: Record<string, string> = {}) {
  return { status, headers: new Headers(headers), text: typeof body === 'string' ? body : JSON.stringify(body) };
}

const kindOf = (call: Call, ...said: Parameters<typeof reply>) => outcomeOf(call, reply(...said)).kind;

test('a write that was answered 503 may have happened, unless the answer says what became of it', () => {
  expect(kindOf(binding('1'), 503, { code: 'UNAVAILABLE' })).toBe('unknown');
  expect(kindOf(binding('1'), 503, { code: 'NOT_ACKNOWLEDGED' }, { etag: '"7"' })).toBe('ok');
  expect(kindOf(binding('1'), 503, { code: 'SHED' })).toBe('refused');
  expect(kindOf(binding('1'), 500, { code: 'INTERNAL' })).toBe('unknown');
  expect(kindOf(binding('1'), 502, 'bad gateway')).toBe('unknown');
  expect(kindOf(binding('1'), 409, { code: 'ACCOUNT_BOUND' })).toBe('refused');
  expect(kindOf(getting('1'), 503, { code: 'UNAVAILABLE' })).toBe('refused');
});

test('versions come from the tag, documents and items from the body', () => {
  const document = documentOf('1', 7);
  const shown = outcomeOf(getting('1'), reply(200, document, { etag: '"7"' }));
  expect(shown).toEqual({ kind: 'ok', status: 200, version: '7', document });
  const items = {
    items: [
      { id: '1', status: 200, member: document },
      { id: '2', status: 404, code: 'MEMBER_NOT_FOUND' },
    ],
  };
  expect(outcomeOf({ kind: 'batch', members: ['1', '2'] }, reply(200, items))).toEqual({
    kind: 'ok',
    status: 200,
    items: [
      { id: '1', document },
      { id: '2', code: 'MEMBER_NOT_FOUND' },
    ],
  });
});

test('calls are recorded in the order of their events, and a cut connection leaves the outcome unknown', async () => {
  const history = new History();
  const answers: ((answer: ReturnType<typeof reply>) => void)[] = [];
  const client: Client = { name: 'c', send: () => new Promise((resolve) => answers.push(resolve)) };
  const cut: Client = { name: 'cut', send: () => Promise.reject(new Error('ECONNRESET')) };
  const first = history.run({ region: 'A', call: binding('1') }, client);
  const second = history.run({ region: 'B', call: getting('1') }, client);
  expect((await history.run({ region: 'B', call: binding('2') }, cut)).kind).toBe('unknown');
  answers[1]?.(reply(404, { code: 'MEMBER_NOT_FOUND' }));
  await second;
  answers[0]?.(reply(200, documentOf('1', 2), { etag: '"2"' }));
  await first;
  const places = history.operations.map(({ client: name, invokedAt, returnedAt }) => [name, invokedAt, returnedAt]);
  expect(places).toEqual([
    ['cut', 3, 4],
    ['c', 2, 5],
    ['c', 1, 6],
  ]);
});

test('a session shows the highest version that it has seen, whether it read or wrote it', async () => {
  const sent: Exchange[] = [];
  const said = [
    reply(201, documentOf('1', 5), { etag: '"5"' }),
    reply(200, documentOf('1', 4), { etag: '"4"' }),
    reply(200, { items: [{ id: '1', status: 200, member: documentOf('1', 9) }] }),
    reply(200, documentOf('1', 9), { etag: '"9"' }),
  ];
  const client: Client = {
    name: 'c',
    send: async (exchange) => said[sent.push(exchange) - 1] ?? reply(500),
  };
  const session = new Session(new History(), client);
  const calls: Call[] = [registering('1'), getting('1'), { kind: 'batch', members: ['1'] }, getting('1')];
  for (const call of calls) await session.run({ region: 'A', call });
  expect(sent.map(({ headers }) => headers['min-version'])).toEqual([undefined, '5', undefined, '9']);
});
