import { Aws, Fn, Stack } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { otherRegion, type Region } from '../../topology';
import type { StageConfiguration } from '../configuration';
import { Names } from './names';

export interface RegionStackProps {
  readonly stage: StageConfiguration;
  readonly home: Region;
}

/** A stack of one stage in one of its two regions. */
export abstract class RegionStack extends Stack {
  readonly stage: StageConfiguration;
  /** Where the stack stands, by the name that the system has for it; `region` is AWS's. */
  readonly home: Region;
  readonly names: Names;

  constructor(scope: Construct, part: string, { stage, home }: RegionStackProps, description: string) {
    const names = new Names(stage.name);
    super(scope, names.inRegion(home, part), {
      env: { region: stage.regions[home] },
      description: `Twinkeep ${stage.name}, region ${home}: ${description}`,
      tags: { 'twinkeep:stage': stage.name, 'twinkeep:region': home },
    });
    this.stage = stage;
    this.home = home;
    this.names = names;
  }

  get away(): Region {
    return otherRegion(this.home);
  }

  /** Named, not looked up: synthesis needs no account. */
  override get availabilityZones(): string[] {
    return this.stage.network.zones.map((letter) => `${this.stage.regions[this.home]}${letter}`);
  }

  /** ARN of what has a known name, in either region. */
  arn(service: string, resource: string, region: Region = this.home): string {
    return `arn:${Aws.PARTITION}:${service}:${this.stage.regions[region]}:${Aws.ACCOUNT_ID}:${resource}`;
  }

  /** ARN of what belongs to no region. */
  globalArn(service: string, resource: string): string {
    return `arn:${Aws.PARTITION}:${service}::${Aws.ACCOUNT_ID}:${resource}`;
  }

  queueArn(name: string, region: Region): string {
    return this.arn('sqs', this.names.of(name), region);
  }

  tableArn(name: Parameters<Names['table']>[0]): string {
    return this.arn('dynamodb', `table/${this.names.table(name)}`);
  }

  /** What another stack tells in an output: for values that are made from attributes, which can't be referred to. */
  outputOf(producer: RegionStack, name: string): string {
    this.addStackDependency(producer);
    return Fn.getStackOutput(producer.stackName, name, producer.region);
  }

  /** A key of another stack: its policy is not touched from here, which would make the stacks wait for each other. */
  foreignKey(id: string, arn: string): IKey {
    return Key.fromKeyArn(this, id, arn);
  }

  static alias(names: Names): string {
    return `alias/${names.prefix}`;
  }
}
