import type { FastifyInstance } from 'fastify';
import { createBaseline, type MemberStore } from '../../../bench/baseline/service';
import { REQUEST_PATHS } from '../../../bench/paths/catalogue';

const MEMBER = {
  memberId: '7',
  schema: 'members_0',
  phone: '+491511234567',
  platform: 'app',
  account: 'a/1',
  json: '{"memberId":"7","profile":{"name":"N"},"accounts":[]}',
};
const CONTEXT = { members: [MEMBER], apiKey: 'shop.secret', run: 'x' };

/** Answers for one member, and notes what it was asked. */
function storeOf(asked: unknown[]): MemberStore {
  const note = (...what: unknown[]) => {
    asked.push(what);
    return MEMBER.json;
  };
  return {
    read: async (id) => (id === MEMBER.memberId ? note('read', id) : undefined),
    readByAccount: async (platform, account) => note('account', platform, account),
    readByPhone: async (phone) => [note('phone', phone)],
    register: async (profile, accounts) => ({ memberId: '8', json: note('register', profile, accounts) }),
    patch: async (id, change) => note('patch', id, change),
    bind: async (id, platform, account) => note('bind', id, platform, account),
  };
}

let asked: unknown[];
let app: FastifyInstance;
let address: string;

beforeEach(async () => {
  asked = [];
  app = createBaseline(storeOf(asked));
  address = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => app.close());

const ASKED: Readonly<Record<string, readonly unknown[]>> = {
  'cached-read': ['read', '7'],
  account: ['account', 'app', 'a/1'],
  phone: ['phone', '+491511234567'],
  'patch-one': ['patch', '7', { city: 'City x 0' }],
  'patch-both': ['patch', '7', { city: 'City x 0' }],
  bind: ['bind', '7', 'app', 'bench-x-b0'],
  register: ['register', { name: 'N' }, [{ platform: 'app', account: 'bench-x-r0' }]],
};

test.each(REQUEST_PATHS.filter(({ overHttp }) => overHttp).map((path) => [path.name, path] as const))(
  'the plain service does what %s asks for',
  async (name, path) => {
    const { method, path: url, headers, body } = path.request(CONTEXT)(0);
    const answer = await fetch(address + url, { method, headers, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBe(path.expectedStatus);
    expect(asked).toEqual([ASKED[name]]);
    expect(await answer.text()).toContain('"memberId":"7"');
  },
);

test('a member that does not exist is not found', async () => {
  expect((await fetch(`${address}/v1/order/members/9`)).status).toBe(404);
});

test('a body that is no registration is refused', async () => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${address}/v1/order/members`, { method: 'POST', headers, body: '{"profile":{}}' });
  expect(answer.status).toBe(400);
  expect(asked).toEqual([]);
});
