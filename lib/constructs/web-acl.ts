import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnIPSet, CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { RegionStack } from './region-stack';

type Rule = CfnWebACL.RuleProperty;

export interface WebAclProps {
  readonly name: string;
  /** ARN of the stage of an API. */
  readonly resourceArn: string;
}

/** What AWS takes for attacks, and callers may send all the same: these are counted, and let in. */
const COUNTED_ONLY = [
  // Of more than 8 KB, as batches are; functions refuse from 256 KB on.
  'SizeRestrictions_BODY',
  // Of more than 1 KB: an account of 128 letters may take that, percent-encoded.
  'SizeRestrictions_URIPATH',
  // An account may end in `.log`.
  'RestrictedExtensions_URIPATH',
  // Callers are programs, which need not say which.
  'NoUserAgent_HEADER',
];

/** What stands before an API: refused addresses, a rate for each address, and AWS's lists of known attacks. */
export class WebAcl extends Construct {
  constructor(
    private readonly stack: RegionStack,
    { name, resourceArn }: WebAclProps,
  ) {
    super(stack, `Acl-${name}`);
    const { api, functions } = stack.stage;
    const denied = new CfnIPSet(this, 'Denied', {
      name: stack.names.of(`${name}-denied`),
      description: 'Addresses that are refused',
      scope: 'REGIONAL',
      ipAddressVersion: 'IPV4',
      addresses: [...api.deniedCidrs],
    });
    const acl = new CfnWebACL(this, 'Acl', {
      name: stack.names.of(name),
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: this.visibility(name),
      rules: [
        this.rule('denied', 0, {
          action: { block: {} },
          statement: { ipSetReferenceStatement: { arn: denied.attrArn } },
        }),
        this.rule('rate', 1, {
          action: { block: {} },
          statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: api.ratePerAddress } },
        }),
        this.managed('AWSManagedRulesCommonRuleSet', 2, COUNTED_ONLY),
        this.managed('AWSManagedRulesKnownBadInputsRuleSet', 3),
      ],
    });
    new CfnWebACLAssociation(this, 'Association', { resourceArn, webAclArn: acl.attrArn });
    // WAF writes to groups of this prefix only.
    const logGroupName = `aws-waf-logs-${stack.names.of(name)}`;
    const log = new LogGroup(this, 'Log', {
      logGroupName,
      retention: functions.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: acl.attrArn,
      logDestinationConfigs: [stack.arn('logs', `log-group:${logGroupName}`)],
      // The key of a caller is worth as much as a password.
      redactedFields: [{ singleHeader: { Name: 'x-api-key' } }],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          { Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] },
        ],
      },
    }).node.addDependency(log);
  }

  private rule(name: string, priority: number, rest: Pick<Rule, 'action' | 'statement'>): Rule {
    return { name, priority, ...rest, visibilityConfig: this.visibility(name) };
  }

  private managed(name: string, priority: number, countedOnly: readonly string[] = []): Rule {
    return {
      name,
      priority,
      overrideAction: { none: {} },
      statement: {
        managedRuleGroupStatement: {
          vendorName: 'AWS',
          name,
          ruleActionOverrides: countedOnly.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
        },
      },
      visibilityConfig: this.visibility(name),
    };
  }

  private visibility(name: string): CfnWebACL.VisibilityConfigProperty {
    return {
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: false,
      metricName: `${this.stack.names.prefix}-${this.node.id}-${name}`,
    };
  }
}
