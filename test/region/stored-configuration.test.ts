import { dirname, join } from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { functionBundle } from '../../local/bundle';
import { apiEvent } from '../../local/gateway/api-event';
import { type HostedBundle, loadBundle } from '../../local/gateway/hosted-bundle';
import { Invocation } from '../../local/gateway/invocation';
import { AWS_REGIONS } from '../../topology';
import { endpoints } from './races/environment';
import { apiKey } from './support/client';
import { engine, eventually, readState, STATE_FILE, secrets } from './support/system';

/** Functions that are told as in AWS, beside those of the system under test, on its engines. */
const NAME = `stored-${process.pid}`;
const PATH = `/twinkeep/${NAME}/endpoints`;
const ROUTE = { prefix: '/v1/other/', resource: '/v1/other/{proxy+}' };
const USER = `app${process.pid}`;

const context = new Invocation(NAME, '', '', Number.MAX_SAFE_INTEGER, () => undefined);
const loaded: HostedBundle[] = [];

const moto = () => `http://127.0.0.1:${engine('ssm-A').port}`;
const identity = () => {
  const { accessKeyId, secretAccessKey } = readState().aws;
  return { accessKeyId, secretAccessKey };
};

beforeAll(async () => {
  const { databases, ...others } = endpoints();
  const unencrypted = (address: object) => ({ ...address, tls: false });
  const parameters = {
    ...others,
    ...Object.fromEntries(
      Object.entries(databases).map(([cluster, { A, B }]) => [
        `databases/${cluster}`,
        { A: unencrypted(A), B: unencrypted(B) },
      ]),
    ),
  };
  const settings = { endpoint: moto(), region: AWS_REGIONS.A, credentials: identity() };
  const ssm = new SSMClient(settings);
  for (const [name, value] of Object.entries(parameters)) {
    await ssm.send(new PutParameterCommand({ Name: `${PATH}/${name}`, Value: JSON.stringify(value), Type: 'String' }));
  }
  const vault = new SecretsManagerClient(settings);
  for (const [name, value] of Object.entries({
    database: { username: USER, password: 'drawn for this test' },
    // A server that asks for no password takes any.
    cache: { username: 'default', password: 'any' },
    keys: { key: 'a key of forty-two letters, for tests only' },
    master: { username: 'root', password: secrets().databaseRootPassword },
  })) {
    await vault.send(new CreateSecretCommand({ Name: `${NAME}/${name}`, SecretString: JSON.stringify(value) }));
  }
  ssm.destroy();
  vault.destroy();
});

afterAll(async () => {
  for (const bundle of loaded) await bundle.close?.();
});

function start(handler: string, functionName: string): (event: unknown) => Promise<unknown> {
  const { accessKeyId, secretAccessKey } = identity();
  const bundle = loadBundle({
    name: functionName,
    bundle: functionBundle(join(dirname(STATE_FILE), 'bundles'), handler),
    environment: {
      TWINKEEP_STAGE: 'local',
      TWINKEEP_REGION: 'A',
      TWINKEEP_FUNCTION: functionName,
      TWINKEEP_CLASS: 'other',
      TWINKEEP_ENDPOINTS_PATH: PATH,
      TWINKEEP_SECRET_NAMES: JSON.stringify({
        database: `${NAME}/database`,
        cache: `${NAME}/cache`,
        keys: `${NAME}/keys`,
      }),
      ...(handler === 'provision'
        ? { TWINKEEP_MASTER_SECRET_NAMES: JSON.stringify({ a1: `${NAME}/master`, b1: `${NAME}/master` }) }
        : {}),
      AWS_ENDPOINT_URL: moto(),
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  });
  loaded.push(bundle);
  return async (event) => bundle.handler(event, context);
}

async function ask(members: (event: unknown) => Promise<unknown>, method: string, path: string, body?: unknown) {
  const rawHeaders = ['x-api-key', apiKey('shop'), 'content-type', 'application/json'];
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const request = { method, url: `/v1/other${path}`, rawHeaders, sourceIp: '127.0.0.1', body: bytes };
  const answer = (await members(apiEvent(request, ROUTE, Date.now()))) as { statusCode: number; body: string };
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

test('functions that are told as in AWS provision, and serve members', async () => {
  const provision = start('provision', 'provision');
  const created = await provision({ RequestType: 'Create', ResourceProperties: { ServiceToken: 'arn:x' } });
  expect(created).toMatchObject({ PhysicalResourceId: expect.any(String), Data: { units: 2, domains: 3, callers: 0 } });

  const members = start('members', 'members-other');
  const city = `City of ${NAME}`;
  // A replica may not have heard of the new user yet.
  const registered = await eventually(async () => {
    const answer = await ask(members, 'POST', '/members', { profile: { name: 'Stored', city } });
    return answer.status === 201 ? answer.body : undefined;
  });
  const { memberId } = registered;
  expect(await ask(members, 'GET', `/members/${memberId}`)).toEqual({ status: 200, body: registered });
  await eventually(async () => {
    const { body } = await ask(members, 'POST', '/members/search', { filter: { city } });
    return body.items?.some((item: { memberId: string }) => item.memberId === memberId);
  });
  expect(await ask(members, 'GET', '/health?deep=1')).toMatchObject({ status: 200, body: { status: 'ok' } });
});
