import { clusterIdentifier, globalClusterIdentifier, type Region, unitsOf } from '../../topology';
import { object, ofType, type Synthesis, TESTED_STAGES, testedStages, text } from './support/synthesis';

const stages = testedStages();

/** What a region's functions are told of a cluster, as text in which only a deployment's values are missing. */
function told(synthesis: Synthesis, home: Region, cluster: string): string {
  const name = `/twinkeep/${synthesis.stage.name}/endpoints/databases/${cluster}`;
  const found = ofType(synthesis, 'AWS::SSM::Parameter').find(
    (one) => one.home === home && text(one.properties.Name) === name,
  );
  if (found === undefined) throw new Error(`${name} is not told in ${home}`);
  return text(found.properties.Value);
}

describe.each(TESTED_STAGES)('stage %s', (name) => {
  test('RDS knows clusters by the names by which they are asked for', () => {
    const { stage } = stages[name];
    const clusters = unitsOf(stage.databases.clustersPerUnit).flatMap((unit) => unit.clusters);
    const globals = ofType(stages[name], 'AWS::RDS::GlobalCluster').map(({ properties }) =>
      text(properties.GlobalClusterIdentifier),
    );
    expect(globals.sort()).toEqual(clusters.map((cluster) => globalClusterIdentifier(stage.name, cluster)).sort());
    const members = ofType(stages[name], 'AWS::RDS::DBCluster').map(
      ({ home, properties }) => `${home} ${text(properties.DBClusterIdentifier)}`,
    );
    const expected = clusters.flatMap((cluster) =>
      (['A', 'B'] as const).map((region) => `${region} ${clusterIdentifier(stage.name, region, cluster)}`),
    );
    expect(members.sort()).toEqual(expected.sort());
  });

  test('functions know an address for each role that a cluster may have in a region', () => {
    const { stage } = stages[name];
    const hasReaderAtHome = !stage.databases.proxy || stage.databases.instancesAtHome > 1;
    for (const { clusters, home } of unitsOf(stage.databases.clustersPerUnit)) {
      for (const cluster of clusters) {
        for (const region of ['A', 'B'] as const) {
          const value = told(stages[name], region, cluster);
          const of = (place: Region) => new RegExp(`"${place}":\\{([^{}]*)\\}`).exec(value)?.[1] ?? '';
          for (const place of ['A', 'B'] as const) {
            const isTold = (key: string) => of(place).includes(`"${key}":`);
            const expected = [true, place !== home || hasReaderAtHome];
            expect([cluster, place, isTold('host'), isTold('reader')]).toEqual([cluster, place, ...expected]);
          }
        }
      }
    }
  });

  test('a proxy answers reads only once it has its databases', () => {
    const groups = ofType(stages[name], 'AWS::RDS::DBProxyTargetGroup');
    for (const { stack, dependsOn } of ofType(stages[name], 'AWS::RDS::DBProxyEndpoint')) {
      const own = groups.filter((group) => group.stack === stack).map(({ id }) => id);
      expect([stack, own.filter((id) => dependsOn.includes(id))]).toEqual([stack, [expect.any(String)]]);
    }
  });

  test('the other region is asked for RDS over the peering, in both', () => {
    const { stage } = stages[name];
    const zones = ofType(stages[name], 'AWS::Route53::HostedZone')
      .map(({ home, properties }) => `${home} ${text(object(properties).Name)}`)
      .filter((one) => one.includes(' rds.'));
    expect(zones.sort()).toEqual([`A rds.${stage.regions.B}.amazonaws.com`, `B rds.${stage.regions.A}.amazonaws.com`]);
  });
});
