import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { EbsDeviceVolumeType, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnServiceLinkedRole } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, LogGroup } from 'aws-cdk-lib/aws-logs';
import { type CfnDomain, Domain, EngineVersion, TLSSecurityPolicy } from 'aws-cdk-lib/aws-opensearchservice';
import type { Construct } from 'constructs';
import { DOMAINS, type DomainName } from '../topology';
import { accept } from './constructs/accept';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeysStack } from './keys-stack';
import { type NetworkStack, STORE_SUBNETS } from './network-stack';

export interface SearchStackProps extends RegionStackProps {
  readonly network: NetworkStack;
  readonly keys: KeysStack;
}

const SERVICE = 'opensearchservice.amazonaws.com';

/** The search domains of one region. */
export class SearchStack extends RegionStack {
  readonly domains: Readonly<Partial<Record<DomainName, Domain>>>;

  constructor(scope: Construct, props: SearchStackProps) {
    super(scope, 'search', props, 'the search domains');
    const prerequisites = this.prerequisites();
    const placed = Object.values(DOMAINS).filter(({ region }) => region === this.home);
    this.domains = Object.fromEntries(
      placed.map(({ name }) => {
        const domain = this.makeDomain(name, props);
        domain.node.addDependency(...prerequisites);
        return [name, domain];
      }),
    );
  }

  /** Of a whole account or region: the role by which domains enter a VPC, and their right to write logs. */
  private prerequisites() {
    const logs = new CfnResourcePolicy(this, 'Logs', {
      policyName: this.names.of('search-logs'),
      policyDocument: this.toJsonString({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'es.amazonaws.com' },
            Action: ['logs:PutLogEvents', 'logs:CreateLogStream'],
            Resource: this.arn('logs', `log-group:${this.logPrefix}*`),
            Condition: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
          },
        ],
      }),
    });
    // Roles are the same in every region, so one stack makes this one.
    if (!this.stage.keepsAccountSettings || this.home !== 'A') return [logs];
    const role = new CfnServiceLinkedRole(this, 'VpcRole', { awsServiceName: SERVICE });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return [logs, role];
  }

  private get logPrefix(): string {
    return `/twinkeep/${this.stage.name}/search-`;
  }

  private makeDomain(name: DomainName, { network, keys }: SearchStackProps): Domain {
    const { type, nodes, storageGbPerNode, masterType } = this.stage.search[name];
    const { zones } = this.stage.network;
    const zoneCount = Math.min(zones.length, nodes);
    const encryptionKey = this.foreignKey(`Key-${name}`, keys.key.keyArn);
    const log = (kind: string) =>
      new LogGroup(this, `Log-${name}-${kind}`, {
        logGroupName: `${this.logPrefix}${name}-${kind}`,
        retention: this.stage.functions.logRetentionDays,
        encryptionKey,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    const domain = new Domain(this, `Domain-${name}`, {
      domainName: this.names.of(name),
      version: EngineVersion.openSearch('2.19'),
      // Without it another version asks for another domain, empty, whose name this one has.
      enableVersionUpgrade: true,
      capacity: {
        dataNodes: nodes,
        dataNodeInstanceType: type,
        multiAzWithStandbyEnabled: false,
        ...(masterType === undefined ? {} : { masterNodes: 3, masterNodeInstanceType: masterType }),
      },
      zoneAwareness: zoneCount > 1 ? { enabled: true, availabilityZoneCount: zoneCount } : { enabled: false },
      ebs: { volumeSize: storageGbPerNode, volumeType: EbsDeviceVolumeType.GP3 },
      vpc: network.vpc,
      vpcSubnets: [
        {
          subnets: network.vpc.selectSubnets({ subnetGroupName: STORE_SUBNETS }).subnets.slice(0, zoneCount),
        },
      ],
      securityGroups: [
        SecurityGroup.fromSecurityGroupId(this, `Group-${name}`, network.groups.search.securityGroupId, {
          mutable: false,
        }),
      ],
      enforceHttps: true,
      tlsSecurityPolicy: TLSSecurityPolicy.TLS_1_2_PFS,
      nodeToNodeEncryption: true,
      encryptionAtRest: { enabled: true, kmsKey: encryptionKey },
      logging: {
        slowSearchLogEnabled: true,
        slowSearchLogGroup: log('slow-search'),
        slowIndexLogEnabled: true,
        slowIndexLogGroup: log('slow-index'),
        appLogEnabled: true,
        appLogGroup: log('application'),
      },
      suppressLogsResourcePolicy: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Its id, where the construct would take the ARN of a key of another stack apart.
    (domain.node.defaultChild as CfnDomain).addPropertyOverride('EncryptionAtRestOptions.KmsKeyId', keys.key.keyId);
    this.admit(name, domain);
    accept(domain, {
      'AwsSolutions-OS3': 'The domain stands in a VPC: its security group says which addresses reach it.',
      ...(masterType === undefined
        ? { 'AwsSolutions-OS4': 'This stage has few nodes and small indices; the data nodes elect a master.' }
        : {}),
      ...(zoneCount > 1 ? {} : { 'AwsSolutions-OS7': 'This stage has one node in this domain.' }),
    });
    return domain;
  }

  /** Whoever of this account has the right by their own role; by the resource itself, as the construct would call AWS. */
  private admit(name: DomainName, domain: Domain): void {
    (domain.node.defaultChild as CfnDomain).accessPolicies = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root` },
          Action: ['es:ESHttpGet', 'es:ESHttpPost', 'es:ESHttpPut', 'es:ESHttpHead', 'es:ESHttpDelete'],
          Resource: this.arn('es', `domain/${this.names.of(name)}/*`),
        },
      ],
    };
  }
}
