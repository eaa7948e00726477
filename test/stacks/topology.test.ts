import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../lambdas/core';
import { clustersOf } from '../../lib/constructs/names';
import { planPorts } from '../../local/engines/ports';
import { endpoints as localEndpoints, planProcesses } from '../../local/system/process-plan';
import { keptSecrets } from '../../local/system/secrets';
import { REGIONS } from '../../topology';
import { EXPECTED, TOPOLOGY, type Topology } from './support/expected';
import { endpointsOf, FACTS, type Kind, systemFunctions } from './support/facts';
import { object, type Synthesis, TESTED_STAGES, testedStages, text } from './support/synthesis';

const KINDS = Object.keys(FACTS) as Kind[];
const stages = testedStages();

/** What only one side has, each as often as it has it more often. */
function differences(expected: readonly string[], found: readonly string[]): string[] {
  const rest = [...found];
  const missing = expected.filter((fact) => {
    const index = rest.indexOf(fact);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
  return [...missing.map((fact) => `missing: ${fact}`), ...rest.map((fact) => `not in the topology: ${fact}`)];
}

function compare(kind: Kind, topology: Topology, synthesis: Synthesis): string[] {
  const found = FACTS[kind](synthesis).map(({ fact }) => fact);
  return differences(EXPECTED[kind](topology, synthesis.stage), found);
}

describe.each(TESTED_STAGES)('stage %s', (name) => {
  test.each(KINDS)('deploys the %s of the topology, and no others', (kind) => {
    expect(EXPECTED[kind](TOPOLOGY, stages[name].stage)).not.toEqual([]);
    expect(compare(kind, TOPOLOGY, stages[name])).toEqual([]);
  });
});

test.each(KINDS)('each of the %s that a template loses is missed', (kind) => {
  const { small } = stages;
  for (const { resource, fact } of FACTS[kind](small)) {
    const without = { ...small, resources: small.resources.filter((one) => one !== resource) };
    expect(compare(kind, TOPOLOGY, without)).toContain(`missing: ${fact}`);
  }
});

const PARTS: Readonly<Record<Kind, keyof Topology>> = {
  functions: 'FUNCTIONS',
  schedules: 'FUNCTIONS',
  sources: 'FUNCTIONS',
  queues: 'QUEUES',
  subscriptions: 'QUEUES',
  routes: 'ROUTES',
  refusals: 'ROUTES',
  switches: 'SWITCHES',
  tables: 'TABLES',
};

test.each(KINDS)('each of the %s that the topology loses is found to be too many', (kind) => {
  const { small } = stages;
  const part = PARTS[kind];
  const noticed = TOPOLOGY[part].filter((removed) => {
    const without = { ...TOPOLOGY, [part]: (TOPOLOGY[part] as readonly unknown[]).filter((one) => one !== removed) };
    return compare(kind, without, small).some((difference) => difference.startsWith('not in the topology'));
  });
  // Two calls share a path, and then one method for what neither of them is.
  const factsOf = (only: readonly unknown[]) => EXPECTED[kind]({ ...TOPOLOGY, [part]: only } as Topology, small.stage);
  const concerned = TOPOLOGY[part].filter(
    (one) => factsOf(TOPOLOGY[part].filter((other) => other !== one)).length < factsOf(TOPOLOGY[part]).length,
  );
  expect(concerned).not.toEqual([]);
  expect(noticed).toEqual(concerned);
});

describe('beside what runs locally', () => {
  const directory = mkdtempSync(join(tmpdir(), 'twinkeep-stacks-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  async function settings() {
    return {
      stage: 'local',
      tablePrefix: 'twinkeep-local',
      accountId: '000000000000',
      databaseUser: 'twinkeep',
      ports: planPorts(9000),
      secrets: await keptSecrets(join(directory, 'secrets.json')),
      bundleDirectory: '/bundles',
    };
  }

  test.each(REGIONS)('region %s has the functions of its processes', async (region) => {
    const { functionProcesses, provision } = planProcesses(await settings());
    const hosted = [...functionProcesses, provision].filter((one) => one.region === region);
    const local = new Set(hosted.flatMap(({ functions }) => functions.map(({ name }) => name)));
    const deployed = systemFunctions(stages.small)
      .filter(({ home }) => home === region)
      .map(({ properties }) => text(properties.FunctionName).replace('twinkeep-small-', ''));
    expect(deployed.sort()).toEqual([...local].sort());
  });

  test.each(TESTED_STAGES)(
    'functions of %s read their parameters as they read what they are told locally',
    async (name) => {
      const local = localEndpoints(await settings());
      for (const region of REGIONS) {
        const told = endpointsOf(stages[name], region);
        const config = readConfig({
          TWINKEEP_STAGE: name,
          TWINKEEP_REGION: region,
          TWINKEEP_FUNCTION: 'heartbeat',
          TWINKEEP_ENDPOINTS: JSON.stringify(told),
          TWINKEEP_SECRETS: JSON.stringify({
            database: { user: 'user', password: 'password' },
            cursorKey: 'a key that is long enough',
            contactKey: 'a key that is long enough',
          }),
        });
        const { aws: _standsInForAws, databases: _ofOneMachine, ...shared } = local;
        expect(Object.keys(config.endpoints).sort()).toEqual([...Object.keys(shared), 'databases'].sort());
        expect(Object.keys(config.endpoints.queues).sort()).toEqual(Object.keys(local.queues).sort());
        expect(Object.keys(config.endpoints.databases)).toEqual(clustersOf(stages[name].stage).map((one) => one.name));
        expect(config.endpoints.caches[region].tls).toBe(true);
      }
    },
  );

  test('a function knows the regions and clusters of its stage', () => {
    const { own } = stages;
    for (const { properties } of systemFunctions(own)) {
      const { TWINKEEP_TOPOLOGY } = object(object(properties.Environment).Variables);
      expect(JSON.parse(text(TWINKEEP_TOPOLOGY))).toEqual({
        awsRegions: own.stage.regions,
        clustersPerUnit: own.stage.databases.clustersPerUnit,
        writerPatienceMs: own.stage.databases.writerPatienceS * 1000,
        promotableLagMs: own.stage.databases.promotableLagS * 1000,
      });
    }
  });
});
