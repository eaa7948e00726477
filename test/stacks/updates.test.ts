import {
  object,
  ofType,
  type Properties,
  type Resource,
  type Synthesis,
  TESTED_STAGES,
  testedStages,
} from './support/synthesis';

const stages = testedStages();

function updatePolicies(synthesis: Synthesis, type: string): Properties[] {
  const policyOf = ({ stack, id }: Resource) => {
    const found = synthesis.stacks.find((one) => one.name === stack);
    return object(object(object(found?.template.Resources)[id]).UpdatePolicy);
  };
  return ofType(synthesis, type).map(policyOf);
}

describe.each(TESTED_STAGES)('an update of stage %s', (name) => {
  test('changes in place what CloudFormation would make anew under a name that is taken', () => {
    const caches = updatePolicies(stages[name], 'AWS::ElastiCache::ReplicationGroup');
    expect(caches).toEqual([{ UseOnlineResharding: true }, { UseOnlineResharding: true }]);
    const domains = updatePolicies(stages[name], 'AWS::OpenSearchService::Domain');
    expect(domains).toEqual(Array(3).fill({ EnableVersionUpgrade: true }));
  });

  test('reaches the functions of B after those of A', () => {
    const functions = stages[name].stacks.find(({ part, home }) => part === 'functions' && home === 'B');
    expect(functions?.dependencies).toContain(`twinkeep-${stages[name].stage.name}-a-functions`);
  });
});
