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
])('what is wrong is named, and no secret is shown: %s', (name, value) => {
  const read = () => readConfig({ ...ENVIRONMENT, [name]: value });
  expect(read).toThrow(name);
  expect(read).not.toThrow(SECRET);
});
