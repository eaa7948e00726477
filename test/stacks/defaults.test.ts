import { clustersOf } from '../../lib/constructs/names';
import { FUNCTIONS, SWITCHES } from '../../topology';
import { list, object, ofType, TESTED_STAGES, testedStages, text } from './support/synthesis';

const stages = testedStages();

/** Characters, where nobody has asked AWS for more. */
const MOST_IN_A_PATTERN = 2048;
/** As `lib/configuration/` allows it. */
const LONGEST_STAGE_NAME = 9;

/** What AWS would do where nothing is said. */
describe.each(TESTED_STAGES)('stage %s', (name) => {
  test('what AWS would log on its own account has a log that ends, before anything is written', () => {
    const writers = [...ofType(stages[name], 'AWS::ApiGateway::Stage'), ...ofType(stages[name], 'AWS::RDS::DBProxy')];
    expect(writers).toHaveLength(
      stages[name].stage.databases.proxy ? 6 + clustersOf(stages[name].stage).length * 2 : 6,
    );
    for (const { stack, id, properties, dependsOn } of writers) {
      const own = text(properties.RestApiId ?? properties.DBProxyName);
      const logs = ofType(stages[name], 'AWS::Logs::LogGroup').filter(
        (log) => log.stack === stack && dependsOn.includes(log.id),
      );
      const names = logs.map((log) => text(log.properties.LogGroupName));
      expect([id, names.map((log) => /^API-Gateway-Execution-Logs_.+\/live$|^\/aws\/rds\/proxy\//.test(log))]).toEqual([
        id,
        [true],
      ]);
      expect(names[0]).toContain(own);
    }
  });

  test('what AWS takes for an attack is let in where accounts and batches look like it', () => {
    const counted = [
      'NoUserAgent_HEADER',
      'RestrictedExtensions_URIPATH',
      'SizeRestrictions_BODY',
      'SizeRestrictions_URIPATH',
    ];
    const acls = ofType(stages[name], 'AWS::WAFv2::WebACL');
    expect(acls).toHaveLength(6);
    for (const { properties } of acls) {
      const groups = list(properties.Rules).map((rule) =>
        object(object(object(rule).Statement).ManagedRuleGroupStatement),
      );
      const overrides = groups.flatMap(({ RuleActionOverrides }) => list(RuleActionOverrides).map(object));
      expect(overrides.map(({ Name }) => Name).sort()).toEqual(counted);
      for (const { ActionToUse } of overrides) expect(ActionToUse).toEqual({ Count: {} });
    }
  });

  test('of the parameter of a switch a release may change the default only: any update puts that back', () => {
    const switches = ofType(stages[name], 'AWS::SSM::Parameter').filter(({ stack }) => /switches/i.test(stack));
    expect(switches.length).toBeGreaterThanOrEqual(SWITCHES.length);
    const said = switches.map(({ properties: { Name: _, Value: __, ...rest } }) => JSON.stringify(rest));
    expect(new Set(said).size).toBe(1);
  });

  test('no rule has a longer pattern than EventBridge takes, whatever the stage is called', () => {
    const ofEvents = ofType(stages[name], 'AWS::Events::Rule').flatMap(({ stack, id, properties }) =>
      properties.EventPattern === undefined ? [] : [{ rule: `${stack} ${id}`, pattern: properties.EventPattern }],
    );
    expect(ofEvents).not.toEqual([]);
    const longest = 'x'.repeat(LONGEST_STAGE_NAME);
    for (const { rule, pattern } of ofEvents) {
      const { length } = JSON.stringify(pattern).replaceAll(`/${stages[name].stage.name}/`, `/${longest}/`);
      expect({ rule, isTaken: length < MOST_IN_A_PATTERN }).toEqual({ rule, isTaken: true });
    }
  });

  test('a start by a schedule that failed is not repeated', () => {
    const alias = (reference: string) => reference.replaceAll(/^<|>$/g, '');
    const scheduled = ofType(stages[name], 'AWS::Events::Rule').filter(
      ({ properties }) => properties.ScheduleExpression !== undefined,
    );
    const wanted = FUNCTIONS.filter(({ trigger }) => trigger.kind === 'schedule').flatMap(({ regions }) => regions);
    expect(scheduled).toHaveLength(wanted.length);
    for (const { stack, properties } of scheduled) {
      const [target] = list(properties.Targets).map(object);
      expect(target?.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 });
      const invocation = ofType(stages[name], 'AWS::Lambda::EventInvokeConfig').find(
        (one) => one.stack === stack && text(one.properties.FunctionName) === functionOf(text(target?.Arn), stack),
      );
      expect(invocation?.properties).toMatchObject({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 });
      expect(text(invocation?.properties.Qualifier)).toContain(alias(text(target?.Arn)));
    }
    function functionOf(target: string, stack: string): string {
      const found = ofType(stages[name], 'AWS::Lambda::Alias').find(
        (one) => one.stack === stack && one.id === alias(target),
      );
      return text(found?.properties.FunctionName);
    }
  });
});
