import { CfnOutput, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { Secret, type SecretStringGenerator } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { accept } from './constructs/accept';
import { clustersOf, type SecretKind } from './constructs/names';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeysStack } from './keys-stack';

/** Names of users: none of them is secret. */
export const DATABASE_USER = 'twinkeep';
export const MASTER_USER = 'twinkeep_master';

/** Of characters that no store and no URL takes for its own. */
const PASSWORD = { excludePunctuation: true, passwordLength: 40 } as const;
const KEY_LENGTH = 64;
/** Of the parts between colons. */
const NAME_IN_ARN = 6;

export interface SecretsStackProps extends RegionStackProps {
  readonly keys: Readonly<Record<'A' | 'B', KeysStack>>;
}

/** Every secret of the stage, made in region A and copied to B under the same name. */
export class SecretsStack extends RegionStack {
  constructor(scope: Construct, props: SecretsStackProps) {
    super(scope, 'secrets', props, 'secrets, copied to the other region');
    const user = (username: string): SecretStringGenerator => ({
      ...PASSWORD,
      secretStringTemplate: JSON.stringify({ username }),
      generateStringKey: 'password',
    });
    this.secret(props, 'database', 'User of the functions in every database', user(DATABASE_USER));
    this.secret(props, 'cache', 'User of the functions in both caches', user(this.names.prefix));
    this.secret(props, 'keys', 'What the keys of cursors and contact data are derived from', {
      ...PASSWORD,
      passwordLength: KEY_LENGTH,
      secretStringTemplate: '{}',
      generateStringKey: 'key',
    });
    for (const { name } of clustersOf(this.stage)) {
      this.secret(props, `master-${name}`, `Master user of the databases of cluster ${name}`, user(MASTER_USER));
    }
  }

  private secret({ keys }: SecretsStackProps, kind: SecretKind, description: string, generate: SecretStringGenerator) {
    const secret = new Secret(this, `Secret-${kind}`, {
      secretName: this.names.secret(kind),
      description,
      generateSecretString: generate,
      encryptionKey: this.foreignKey(`Key-${kind}`, keys[this.home].key.keyArn),
      replicaRegions: [
        {
          region: this.stage.regions[this.away],
          encryptionKey: this.foreignKey(`KeyAway-${kind}`, keys[this.away].key.keyArn),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Proxies name secrets by their whole ARN, which is the same in both regions but for the region.
    if (this.stage.databases.proxy) {
      new CfnOutput(this, secretOutput(kind), { value: Fn.select(NAME_IN_ARN, Fn.split(':', secret.secretArn)) });
    }
    accept(secret, {
      'AwsSolutions-SMG4':
        'Turning it means turning it in several stores of two regions at once; docs/deploy.md says how and in which order.',
    });
  }
}

/** Name of the output that tells how the ARN of a secret ends: its name, and what Secrets Manager adds to it. */
export function secretOutput(kind: SecretKind): string {
  return `${kind.replaceAll('-', '')}InArn`;
}
