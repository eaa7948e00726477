import { createHmac } from 'node:crypto';
import { storedConfig } from '../../../lambdas/configuration';
import { QUEUES } from '../../../topology';
import { KEY, PARAMETERS, PATH, SECRETS, type Stores, startStores, VARIABLES } from './stores';

let stores: Stores;
const before = { ...process.env };

beforeAll(async () => {
  stores = await startStores();
  Object.assign(process.env, stores.environment);
  await stores.put('A', PARAMETERS);
  await stores.keep('A', SECRETS);
});

afterAll(async () => {
  process.env = before;
  await stores.stop();
});

/** RFC 5869 for one block and no salt. */
function derived(label: string): string {
  const pseudoRandomKey = createHmac('sha256', Buffer.alloc(32)).update(KEY).digest();
  return createHmac('sha256', pseudoRandomKey)
    .update(label)
    .update(Buffer.from([1]))
    .digest('base64url');
}

test('parameters and secrets become one configuration, with TLS and signatures where nothing else is said', async () => {
  const encrypted = (port: number) => ({ host: 'nobody.invalid', port, tls: true });
  expect(await storedConfig(VARIABLES)).toEqual({
    stage: 'test',
    region: 'A',
    functionName: 'members-order',
    trafficClass: 'order',
    endpoints: {
      databases: {
        a1: { A: encrypted(1), B: encrypted(2) },
        b1: { A: { ...encrypted(1), tls: false }, B: encrypted(1) },
      },
      caches: { A: encrypted(1), B: encrypted(2) },
      domains: {
        order: 'https://order.invalid',
        standby: 'https://standby.invalid',
        marketing: 'https://marketing.invalid',
      },
      signing: 'es',
      topics: { A: 'arn:a', B: 'arn:b' },
      queues: Object.fromEntries(QUEUES.map(({ name }) => [name, `https://queues.invalid/${name}`])),
      tablePrefix: 'twinkeep-test',
    },
    secrets: {
      database: { user: 'app', password: 'database-password' },
      cache: { user: 'reader', password: 'cache-password' },
      cursorKey: derived('cursor'),
      contactKey: derived('contact'),
    },
  });
});

test('a path may end with a slash', async () => {
  expect(await storedConfig({ ...VARIABLES, TWINKEEP_ENDPOINTS_PATH: `${PATH}/` })).toMatchObject({ stage: 'test' });
});

test('masters are known to whom their names are told', async () => {
  const TWINKEEP_MASTER_SECRET_NAMES = JSON.stringify({ a1: 'test/master-a1' });
  const { secrets } = await storedConfig({ ...VARIABLES, TWINKEEP_MASTER_SECRET_NAMES });
  expect(secrets.masters).toEqual({ a1: { user: 'admin', password: 'master-password' } });
});

test('each region reads its own stores', async () => {
  const inB = { ...VARIABLES, TWINKEEP_REGION: 'B' };
  await expect(storedConfig(inB)).rejects.toThrow('secret test/database');
  await stores.keep('B', SECRETS);
  await expect(storedConfig(inB)).rejects.toThrow(`${PATH}/databases`);
  await stores.put('B', { ...PARAMETERS, [`${PATH}/tablePrefix`]: '"of-b"' });
  const { region, endpoints } = await storedConfig(inB);
  expect({ region, tablePrefix: endpoints.tablePrefix }).toEqual({ region: 'B', tablePrefix: 'of-b' });
});

/** The message with which a start fails, which must show no value. */
async function reasonOf(variables: NodeJS.ProcessEnv): Promise<string> {
  const error = await storedConfig(variables).then(
    () => new Error('it started'),
    (thrown: Error) => thrown,
  );
  for (const value of ['-password', 'hidden', KEY]) expect(`${error.message} ${error.cause}`).not.toContain(value);
  return error.message;
}

const NAMES = { database: 'test/database', cache: 'test/cache', keys: 'test/keys' };
const namesWith = (names: object) => ({ TWINKEEP_SECRET_NAMES: JSON.stringify({ ...NAMES, ...names }) });

describe('what is wrong is named', () => {
  test.each<[string, NodeJS.ProcessEnv, string]>([
    ['no region', { TWINKEEP_REGION: undefined }, 'TWINKEEP_REGION: '],
    ['a path that is none', { TWINKEEP_ENDPOINTS_PATH: 'endpoints' }, 'TWINKEEP_ENDPOINTS_PATH: '],
    ['names that are no JSON', { TWINKEEP_SECRET_NAMES: '{' }, 'TWINKEEP_SECRET_NAMES: is not JSON'],
    ['a name too few', { TWINKEEP_SECRET_NAMES: '{"database":"x"}' }, 'TWINKEEP_SECRET_NAMES.cache: '],
    ['names of masters that are none', { TWINKEEP_MASTER_SECRET_NAMES: '[]' }, 'TWINKEEP_MASTER_SECRET_NAMES: '],
    ['a class that is none', { TWINKEEP_CLASS: 'vip' }, 'TWINKEEP_CLASS: '],
    ['a secret that is missing', namesWith({ cache: 'test/none' }), 'secret test/none: ResourceNotFoundException'],
  ])('%s', async (_, changed, expected) => {
    expect(await reasonOf({ ...VARIABLES, ...changed })).toContain(expected);
  });

  test('a path with nothing below it', async () => {
    expect(await reasonOf({ ...VARIABLES, TWINKEEP_ENDPOINTS_PATH: '/nothing' })).toContain('/nothing/databases: ');
  });

  test.each<[string, string, string]>([
    ['caches', 'hidden', 'caches: is not JSON'],
    ['caches', '"hidden"', 'caches: '],
    ['databases/a1', '{"A":{"host":"hidden","port":"hidden"}}', 'databases/a1: A.port: '],
    ['databases/a1', '{"A":{"host":"hidden","port":1,"tls":"hidden"}}', 'databases/a1: A.tls: '],
    ['domains/marketing', '"hidden"', 'domains/marketing: '],
    ['domains', '{"order":"https://hidden"}', 'domains: standby: '],
    ['queues/failover-A', '7', 'queues/failover-A: '],
  ])('a parameter: %s as %s', async (name, value, expected) => {
    await stores.put('A', { [`${PATH}/${name}`]: value });
    try {
      expect(await reasonOf(VARIABLES)).toContain(`${PATH}/${expected}`);
    } finally {
      await stores.put('A', { [`${PATH}/${name}`]: PARAMETERS[`${PATH}/${name}`] ?? '' });
    }
  });

  test('a parameter that is missing', async () => {
    await stores.remove('A', `${PATH}/topics`, `${PATH}/domains/marketing`);
    try {
      const reason = await reasonOf(VARIABLES);
      expect(reason).toContain(`${PATH}/topics: `);
      expect(reason).toContain(`${PATH}/domains: marketing: `);
    } finally {
      await stores.put('A', PARAMETERS);
    }
  });

  test.each<[string, string]>([
    ['hidden', 'is not JSON'],
    ['{"username":"x"}', 'password: '],
    ['{"username":"","password":"hidden"}', 'username: '],
    ['"hidden"', ': '],
  ])('a secret: %s', async (value, expected) => {
    await stores.keep('A', { 'test/odd': value });
    try {
      const reason = await reasonOf({ ...VARIABLES, ...namesWith({ database: 'test/odd' }) });
      expect(reason).toContain(`secret test/odd: ${expected}`);
    } finally {
      await stores.forget('A', 'test/odd');
    }
  });

  test('a key that is too short', async () => {
    await stores.keep('A', { 'test/short': '{"key":"hidden"}' });
    expect(await reasonOf({ ...VARIABLES, ...namesWith({ keys: 'test/short' }) })).toContain(
      'secret test/short: key: ',
    );
  });

  test('a store that does not answer', async () => {
    const { AWS_ENDPOINT_URL: endpoint } = process.env;
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:9';
    try {
      expect(await reasonOf(VARIABLES)).toMatch(/^the (parameters below|secrets) .* could not be read: .*ECONNREFUSED/);
    } finally {
      process.env.AWS_ENDPOINT_URL = endpoint;
    }
  });
});
