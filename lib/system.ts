import { type App, type Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ApiStack } from './api-stack';
import { ArbiterStack } from './arbiter-stack';
import { BackupStack } from './backup-stack';
import type { Bundles } from './bundles';
import { CacheStack } from './cache-stack';
import type { StageConfiguration } from './configuration';
import { clustersOf, eachRegion } from './constructs/names';
import { DatabaseStack } from './database-stack';
import { DnsStack } from './dns-stack';
import { EndpointsStack } from './endpoints-stack';
import { EntryStack } from './entry-stack';
import { FunctionsStack } from './functions-stack';
import { KeysStack } from './keys-stack';
import { LevelsStack } from './levels-stack';
import { NetworkStack } from './network-stack';
import { OperationsStack } from './operations-stack';
import { PeeringStack } from './peering-stack';
import { ProvisionStack } from './provision-stack';
import { QueuesStack } from './queues-stack';
import { SearchStack } from './search-stack';
import { SecretsStack } from './secrets-stack';
import { SwitchesStack } from './switches-stack';
import { TopicsStack } from './topics-stack';

/** Every stack of a stage, in both regions, each after those that it needs. */
export function buildSystem(app: App, stage: StageConfiguration, bundles: Bundles): void {
  const inRegion = (home: 'A' | 'B') => ({ stage, home });
  const keys = eachRegion((home) => new KeysStack(app, inRegion(home)));
  const secrets = new SecretsStack(app, { ...inRegion('A'), keys });
  const networks = eachRegion((home) => new NetworkStack(app, { ...inRegion(home), keys: keys[home] }));
  const ways = peer(app, stage, networks);

  const stores = { keys, networks };
  const databases = placeDatabases(app, stage, stores, secrets);
  const caches = eachRegion((home) => new CacheStack(app, { ...inRegion(home), ...at(home, stores) }));
  const searches = eachRegion((home) => new SearchStack(app, { ...inRegion(home), ...at(home, stores) }));
  // The role by which domains enter a VPC is made in A.
  searches.B.addStackDependency(searches.A);
  for (const cache of Object.values(caches)) cache.addStackDependency(secrets);

  const arbiter = new ArbiterStack(app, inRegion('A'));
  const queues = eachRegion((home) => new QueuesStack(app, { ...inRegion(home), keys: keys[home] }));
  const topics = eachRegion((home) => new TopicsStack(app, { ...inRegion(home), keys: keys[home] }));
  for (const topic of Object.values(topics)) after(topic, queues.A, queues.B);
  const switches = eachRegion((home) => after(new SwitchesStack(app, inRegion(home)), queues[home]));
  const endpoints = eachRegion((home) => new EndpointsStack(app, { ...inRegion(home), databases, caches, searches }));

  const functions = eachRegion((home) => {
    const arns = { own: keys[home].key.keyArn, away: keys[home === 'A' ? 'B' : 'A'].key.keyArn };
    const stack = new FunctionsStack(app, { ...inRegion(home), bundles, network: networks[home], keys: arns });
    return after(stack, secrets, ways.A, ways.B, arbiter, topics.A, topics.B, switches[home], endpoints[home]);
  });
  // One region after the other, however many stacks are deployed side by side: what fails in A does not reach B.
  functions.B.addStackDependency(functions.A);
  const provision = new ProvisionStack(app, { ...inRegion('A'), bundles });
  after(provision, functions.A, functions.B);
  serve(app, stage, keys, functions, provision);
  const entries = serveInside(app, stage, networks, functions, provision);
  for (const home of ['A', 'B'] as const) {
    const operations = new OperationsStack(app, { ...inRegion(home), keys: keys[home] });
    after(operations, functions[home], ...entries[home]);
    after(new LevelsStack(app, inRegion(home)), operations, ...entries[home]);
  }
  const backups = eachRegion((home) => new BackupStack(app, { ...inRegion(home), keys: keys[home] }));
  for (const stack of Object.values(backups)) after(stack, arbiter);
  // What is accepted stands in the templates, with its reason.
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { writeSuppressionsToCloudFormation: true }));
}

type ByRegion<T> = Readonly<Record<'A' | 'B', T>>;

interface Stores {
  readonly keys: ByRegion<KeysStack>;
  readonly networks: ByRegion<NetworkStack>;
}

function at(home: 'A' | 'B', { keys, networks }: Stores) {
  return { keys: keys[home], network: networks[home] };
}

function after<T extends Stack>(stack: T, ...others: readonly Stack[]): T {
  for (const other of others) stack.addStackDependency(other);
  return stack;
}

/** A asks and B is asked, so B learns the connection from A. */
function peer(app: App, stage: StageConfiguration, networks: ByRegion<NetworkStack>): ByRegion<PeeringStack> {
  const A = new PeeringStack(app, { stage, home: 'A', networks });
  const B = new PeeringStack(app, { stage, home: 'B', networks, connectionId: A.connectionId });
  return { A, B };
}

/** A secondary joins what its primary has made. */
function placeDatabases(
  app: App,
  stage: StageConfiguration,
  stores: Stores,
  secrets: SecretsStack,
): Record<string, ByRegion<DatabaseStack>> {
  return Object.fromEntries(
    clustersOf(stage).map((cluster) => {
      const stacks = eachRegion(
        (home) => new DatabaseStack(app, { stage, home, cluster, secrets, ...at(home, stores) }),
      );
      const { [cluster.home]: primary, [cluster.home === 'A' ? 'B' : 'A']: secondary } = stacks;
      after(primary, secrets);
      after(secondary, primary);
      return [cluster.name, stacks];
    }),
  );
}

/** Nobody is let in before there is something to answer from. */
function serve(
  app: App,
  stage: StageConfiguration,
  keys: ByRegion<KeysStack>,
  functions: ByRegion<FunctionsStack>,
  provision: ProvisionStack,
): void {
  for (const home of ['A', 'B'] as const) {
    const api = new ApiStack(app, { stage, home, keys: keys[home] });
    after(api, functions[home], provision);
    if (stage.api.dns !== undefined) new DnsStack(app, { stage, home, dns: stage.api.dns, api });
  }
}

/** Where the stage has an internal entry. */
function serveInside(
  app: App,
  stage: StageConfiguration,
  networks: ByRegion<NetworkStack>,
  functions: ByRegion<FunctionsStack>,
  provision: ProvisionStack,
): ByRegion<readonly EntryStack[]> {
  const entry = stage.internalEntry;
  return eachRegion((home) =>
    entry.kind === 'none'
      ? []
      : [after(new EntryStack(app, { stage, home, entry, network: networks[home] }), functions[home], provision)],
  );
}
