import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';
import { readSecrets } from '../../../lambdas/configuration/secrets';
import { AWS_REGIONS, MOST_CLUSTERS_PER_UNIT, unitsOf } from '../../../topology';

/** What Secrets Manager takes at once; moto takes any number. */
const MOST_IN_A_BATCH = 20;
const before = { ...process.env };
let server: Server;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { SecretIdList: names } = (await readJson(request)) as { SecretIdList: string[] };
    const tooMany = names.length > MOST_IN_A_BATCH;
    const secrets = names.map((Name) => ({
      Name,
      SecretString: JSON.stringify(
        Name.endsWith('keys') ? { key: 'k'.repeat(32) } : { username: 'u', password: `of ${Name}` },
      ),
    }));
    response.writeHead(tooMany ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(
      JSON.stringify(tooMany ? { __type: 'ValidationException', message: 'too many' } : { SecretValues: secrets }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIATESTS',
    AWS_SECRET_ACCESS_KEY: 'identity-for-tests',
  });
});

afterAll(async () => {
  process.env = before;
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

test('the masters of as many clusters as there may be are read, batch by batch', async () => {
  const clusters = unitsOf(MOST_CLUSTERS_PER_UNIT).flatMap((unit) => unit.clusters);
  const masters = Object.fromEntries(clusters.map((cluster) => [cluster, `test/master-${cluster}`]));
  const store = { region: AWS_REGIONS.A, signal: AbortSignal.timeout(5000) };
  const names = { database: 'test/database', cache: 'test/cache', keys: 'test/keys' };
  const secrets = await readSecrets(store, names, masters);
  expect(Object.keys(secrets.masters ?? {})).toHaveLength(MOST_CLUSTERS_PER_UNIT * 2);
  for (const cluster of clusters) {
    expect(secrets.masters?.[cluster]).toEqual({ user: 'u', password: `of test/master-${cluster}` });
  }
});
