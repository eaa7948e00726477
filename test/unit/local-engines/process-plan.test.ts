import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../lambdas/core';
import { planPorts } from '../../../local/engines/ports';
import { planLinks } from '../../../local/faults';
import { planProcesses } from '../../../local/system/process-plan';
import { keptSecrets } from '../../../local/system/secrets';
import { FUNCTIONS, QUEUES, REGIONS, tableName } from '../../../topology';

const directory = mkdtempSync(join(tmpdir(), 'twinkeep-plan-'));
const secretsFile = join(directory, 'secrets.json');

afterAll(() => rmSync(directory, { recursive: true }));

async function plan(network: 'direct' | 'links' = 'direct') {
  return planProcesses({
    stage: 'local',
    tablePrefix: 'twinkeep-local',
    accountId: '000000000000',
    databaseUser: 'twinkeep',
    ports: planPorts(9000, network),
    secrets: await keptSecrets(secretsFile),
    bundleDirectory: '/bundles',
  });
}

test('every function has an environment that it can read, and names its own class', async () => {
  const { functionProcesses } = await plan();
  for (const { region, functions } of functionProcesses) {
    for (const { environment, definition } of functions) {
      const config = readConfig(environment);
      expect(config.region).toBe(region);
      expect(config.functionName).toBe(definition.name);
      const { trigger } = definition;
      expect(config.trafficClass).toBe(trigger.kind === 'api' ? trigger.trafficClass : undefined);
      expect(tableName(config.endpoints.tablePrefix, 'claims')).toBe('twinkeep-local-claims');
    }
  }
});

test('every function runs in every region that it names, exactly once', async () => {
  const { functionProcesses, front } = await plan();
  for (const region of REGIONS) {
    const expected = FUNCTIONS.filter((definition) => definition.regions.includes(region)).map(({ name }) => name);
    const hosted = functionProcesses.filter((one) => one.region === region).flatMap((one) => one.functions);
    expect(hosted.map(({ name }) => name).sort()).toEqual([...expected].sort());
    expect(Object.keys(front.regions[region].functions).sort()).toEqual([...expected].sort());
  }
});

test('a function finds a database server of each cluster in each region, and every queue with its dead letters', async () => {
  const { functionProcesses } = await plan();
  const { endpoints } = readConfig(functionProcesses[0]?.functions[0]?.environment);
  expect(endpoints.databases).toEqual({
    a1: { A: { host: '127.0.0.1', port: 9020 }, B: { host: '127.0.0.1', port: 9021 } },
    b1: { A: { host: '127.0.0.1', port: 9022 }, B: { host: '127.0.0.1', port: 9023 } },
  });
  const names = QUEUES.flatMap((queue) => [queue.name, queue.deadLetters]);
  expect(Object.keys(endpoints.queues).sort()).toEqual([...names].sort());
  expect(endpoints.queues['index-order']).toBe('http://127.0.0.1:9003/000000000000/index-order');
});

test('each topic delivers to every queue of events in both regions', async () => {
  const { front } = await plan();
  const events = QUEUES.filter((queue) => queue.kind === 'events').map(({ name, region }) => ({ queue: name, region }));
  for (const region of REGIONS) expect(front.regions[region].topic.subscriptions).toEqual(events);
});

test('where the network can be cut, each region finds everything behind links of its own', async () => {
  const { functionProcesses, front } = await plan('links');
  const ports = functionProcesses.map(({ functions }) => {
    const { databases, caches, domains, aws } = readConfig(functions[0]?.environment).endpoints;
    return [JSON.stringify([databases, caches, domains, aws]).match(/(?<=port":|:)\d{4}/g)].flat();
  });
  const [a, tasksA, b] = ports;
  expect(a).toEqual(tasksA);
  expect(a).toHaveLength(10);
  expect(a?.filter((port) => b?.includes(port))).toEqual([]);
  const links = new Map(planLinks(planPorts(9000, 'links')).map(({ name, port }) => [name, port]));
  expect(front.regions.A.topic.otherSqs).toBe(`http://127.0.0.1:${links.get('A-to-sqs-B')}`);
  expect(front.entries?.B).toEqual({
    port: 9061,
    otherRegion: `http://127.0.0.1:${links.get('B-to-aws-A')}`,
    dynamodb: `http://127.0.0.1:${links.get('B-to-arbiter')}`,
  });
});

test('only API processes listen for the API', async () => {
  const { functionProcesses, provision } = await plan();
  expect(functionProcesses.map(({ name, port }) => [name, port])).toEqual([
    ['api-A', 9001],
    ['tasks-A', undefined],
    ['api-B', 9002],
    ['tasks-B', undefined],
  ]);
  expect(provision.functions.map(({ name }) => name)).toEqual(['provision']);
});

test('secrets are kept between runs, for the user alone', async () => {
  expect(await keptSecrets(secretsFile)).toEqual(await keptSecrets(secretsFile));
  expect(statSync(secretsFile).mode & 0o777).toBe(0o600);
});
