import { Aws } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { DOMAIN_NAMES, DOMAINS, QUEUES, TOPIC } from '../topology';
import type { CacheStack } from './cache-stack';
import { eachRegion } from './constructs/names';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { DatabaseStack } from './database-stack';
import type { SearchStack } from './search-stack';

type ByRegion<T> = Readonly<Record<'A' | 'B', T>>;

export interface EndpointsStackProps extends RegionStackProps {
  readonly databases: Readonly<Record<string, ByRegion<DatabaseStack>>>;
  readonly caches: ByRegion<CacheStack>;
  readonly searches: ByRegion<SearchStack>;
}

/**
 * Where everything is, for the functions of this region: one parameter for each part of `Endpoints` in
 * `lambdas/core/config.ts`, because a function's environment has no room for all.
 */
export class EndpointsStack extends RegionStack {
  constructor(scope: Construct, props: EndpointsStackProps) {
    super(scope, 'endpoints', props, 'where everything is, for the functions');
    for (const [cluster, stacks] of Object.entries(props.databases)) {
      this.tell(
        `databases/${cluster}`,
        eachRegion((region) => stacks[region].address),
      );
    }
    this.tell(
      'caches',
      eachRegion((region) => ({ ...props.caches[region].address, tls: true })),
    );
    this.tell(
      'domains',
      Object.fromEntries(DOMAIN_NAMES.map((name) => [name, domainUrl(props.searches[DOMAINS[name].region], name)])),
    );
    this.tell(
      'topics',
      eachRegion((region) => this.arn('sns', this.names.of(TOPIC), region)),
    );
    const queues = QUEUES.flatMap(({ name, deadLetters, region }) => [
      [name, this.queueUrl(name, region)],
      [deadLetters, this.queueUrl(deadLetters, region)],
    ]);
    this.tell('queues', Object.fromEntries(queues));
    this.tell('tablePrefix', this.names.prefix);
  }

  private tell(name: string, value: unknown): void {
    new StringParameter(this, name.replaceAll('/', '-'), {
      parameterName: `${this.names.endpointsPath}/${name}`,
      description: 'Read by functions when they start; not a switch',
      stringValue: this.toJsonString(value),
    });
  }

  private queueUrl(name: string, region: 'A' | 'B'): string {
    return `https://sqs.${this.stage.regions[region]}.${Aws.URL_SUFFIX}/${Aws.ACCOUNT_ID}/${this.names.of(name)}`;
  }
}

function domainUrl({ domains }: SearchStack, name: (typeof DOMAIN_NAMES)[number]): string {
  const domain = domains[name];
  if (domain === undefined) throw new Error(`The domain ${name} does not stand where the topology says`);
  return `https://${domain.domainEndpoint}`;
}
