import { readConfig } from '../../../lambdas/core';

const address = { host: '127.0.0.1', port: 1 };
const both = { A: address, B: address };
const ENDPOINTS = {
  databases: { a1: both },
  caches: both,
  domains: { order: 'http://o', standby: 'http://s', marketing: 'http://m' },
  topics: { A: 'a', B: 'b' },
  queues: {},
  tablePrefix: 't',
};
const SECRET = 'a secret that must not be shown';
const SECRETS = { database: { user: 'u', password: SECRET }, cursorKey: SECRET, contactKey: SECRET };
const ENVIRONMENT = {
  TWINKEEP_STAGE: 'local',
  TWINKEEP_REGION: 'A',
  TWINKEEP_FUNCTION: 'heartbeat',
  TWINKEEP_ENDPOINTS: JSON.stringify(ENDPOINTS),
  TWINKEEP_SECRETS: JSON.stringify(SECRETS),
};

test('a whole environment becomes one frozen configuration', () => {
  const config = readConfig(ENVIRONMENT);
  expect(config).toMatchObject({ stage: 'local', region: 'A', functionName: 'heartbeat', secrets: SECRETS });
  expect(config.endpoints.caches.A.tls).toBe(false);
  expect(Object.isFrozen(config)).toBe(true);
});

test.each([
  ['TWINKEEP_REGION', 'C'],
  ['TWINKEEP_STAGE', undefined],
  ['TWINKEEP_CLASS', 'vip'],
  ['TWINKEEP_ENDPOINTS', '{"databases":'],
  ['TWINKEEP_ENDPOINTS', JSON.stringify({ ...ENDPOINTS, caches: {} })],
  ['TWINKEEP_SECRETS', JSON.stringify({ ...SECRETS, cursorKey: 'short' })],
  ['TWINKEEP_SECRETS', SECRET],
  ['TWINKEEP_SECRETS', JSON.stringify({ ...SECRETS, masters: { a1: SECRET } })],
  ['TWINKEEP_ENDPOINTS', JSON.stringify({ ...ENDPOINTS, domains: { ...ENDPOINTS.domains, order: 'order.example' } })],
  ['TWINKEEP_ENDPOINTS', JSON.stringify({ ...ENDPOINTS, signing: 'none' })],
])('what is wrong is named, and no secret is shown: %s', (name, value) => {
  const read = () => readConfig({ ...ENVIRONMENT, [name]: value });
  expect(read).toThrow(name);
  expect(read).not.toThrow(SECRET);
});

test('encryption and signatures are as the endpoints say, and off where they say nothing', () => {
  const tls = { ca: 'a certificate' };
  const endpoints = {
    ...ENDPOINTS,
    databases: { a1: { A: { ...address, tls: true }, B: address } },
    caches: { A: { ...address, tls }, B: address },
    signing: 'es',
  };
  const read = readConfig({ ...ENVIRONMENT, TWINKEEP_ENDPOINTS: JSON.stringify(endpoints) }).endpoints;
  expect(read.databases.a1).toEqual({ A: { ...address, tls: true }, B: address });
  expect(read.caches).toEqual({ A: { ...address, tls }, B: { ...address, tls: false } });
  expect(read.signing).toBe('es');
  expect(readConfig(ENVIRONMENT).endpoints.signing).toBeUndefined();
});
