import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleAll, functionBundle } from '../../../local/bundle';
import { apiEvent } from '../../../local/gateway/api-event';
import { type HostedBundle, loadBundle } from '../../../local/gateway/hosted-bundle';
import { Invocation } from '../../../local/gateway/invocation';
import { PARAMETERS, PATH, SECRETS, type Stores, startStores, VARIABLES } from './stores';

const directory = mkdtempSync(join(tmpdir(), 'twinkeep-function-'));
const context = new Invocation('test', '', '', Number.MAX_SAFE_INTEGER, () => undefined);
const loaded: HostedBundle[] = [];
let stores: Stores;

beforeAll(async () => {
  [stores] = await Promise.all([startStores(), bundleAll(directory)]);
  await stores.keep('A', SECRETS);
});

afterAll(async () => {
  for (const bundle of loaded) await bundle.close?.();
  await stores.stop();
  rmSync(directory, { recursive: true });
});

/** An environment of a function of ours, as AWS would start it. */
function environmentOf(handler: string, variables: Readonly<Record<string, string>> = VARIABLES) {
  const environment = { ...variables, ...stores.environment };
  const bundle = loadBundle({ name: handler, bundle: functionBundle(directory, handler), environment });
  loaded.push(bundle);
  return (event: unknown) => bundle.handler(event, context) as Promise<unknown>;
}

function openapi() {
  const rawHeaders = ['x-api-key', 'a.b'];
  const request = { method: 'GET', url: '/v1/order/openapi.json', rawHeaders, sourceIp: '127.0.0.1', body: undefined };
  return apiEvent(request, { prefix: '/v1/order/', resource: '/v1/order/{proxy+}' }, Date.now());
}

test('an environment that could not start says so, and starts at a later call', async () => {
  const members = environmentOf('members');
  const refused = { statusCode: 503, headers: { 'Retry-After': '1' }, body: expect.stringContaining('UNAVAILABLE') };
  expect(await members(openapi())).toMatchObject(refused);
  await stores.put('A', { ...PARAMETERS, [`${PATH}/caches`]: '{}' });
  const [one, other] = await Promise.all([members(openapi()), members(openapi())]);
  expect([one, other]).toMatchObject([refused, refused]);
  expect(JSON.stringify(one)).not.toContain('twinkeep/test');
  await stores.put('A', PARAMETERS);
  expect(await members(openapi())).toMatchObject({ statusCode: 200 });
  // What was read once counts for as long as the environment lives.
  await stores.remove('A', `${PATH}/caches`);
  expect(await members(openapi())).toMatchObject({ statusCode: 200 });
  await stores.put('A', PARAMETERS);
});

test('the load balancer of an internal entry is answered as it asks, also by an environment that could not start', async () => {
  const event = {
    requestContext: { elb: { targetGroupArn: 'arn:x' } },
    httpMethod: 'GET',
    path: '/v1/order/openapi.json',
    multiValueHeaders: { accept: ['*/*'] },
    multiValueQueryStringParameters: {},
    body: '',
    isBase64Encoded: false,
  };
  const lost = environmentOf('members', { ...VARIABLES, TWINKEEP_ENDPOINTS_PATH: '/nothing' });
  expect(await lost(event)).toMatchObject({ statusCode: 503, multiValueHeaders: { 'Retry-After': ['1'] } });
  const members = environmentOf('members');
  const type = (name: string) => ({ 'Content-Type': [name] });
  expect(await members(event)).toMatchObject({ statusCode: 200, multiValueHeaders: type('application/json') });
  expect(await members({ ...event, httpMethod: 'POST' })).toMatchObject({
    statusCode: 405,
    multiValueHeaders: { ...type('application/problem+json'), Allow: ['GET'] },
    isBase64Encoded: false,
  });
});

test('what answers nobody fails with the reason', async () => {
  await stores.remove('A', `${PATH}/topics`);
  const invalidate = environmentOf('invalidate', { ...VARIABLES, TWINKEEP_FUNCTION: 'invalidate-A' });
  await expect(invalidate({ Records: [] })).rejects.toThrow(`${PATH}/topics: `);
  await stores.put('A', PARAMETERS);
});

describe('provision as a custom resource', () => {
  const event = { ResourceProperties: { ServiceToken: 'arn:x', callers: [] } };

  test('deletes nothing, and needs nothing for that', async () => {
    const provision = environmentOf('provision', { ...VARIABLES, TWINKEEP_ENDPOINTS_PATH: '/nothing' });
    expect(await provision({ ...event, RequestType: 'Delete', PhysicalResourceId: 'it' })).toEqual({
      PhysicalResourceId: 'it',
    });
  });

  test.each(['Create', 'Update'])('%s fails by throwing', async (RequestType) => {
    const provision = environmentOf('provision', { ...VARIABLES, TWINKEEP_ENDPOINTS_PATH: '/nothing' });
    await expect(provision({ ...event, RequestType, PhysicalResourceId: 'it' })).rejects.toThrow('/nothing/databases');
  });
});
