import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BackupPlan, BackupPlanRule, BackupResource, BackupVault } from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { TABLES } from '../topology';
import { accept } from './constructs/accept';
import { clustersOf } from './constructs/names';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeysStack } from './keys-stack';

export interface BackupStackProps extends RegionStackProps {
  readonly keys: KeysStack;
}

/** It makes copies. Whoever brings one back does that by a role that may, which nothing here has to hold all the time. */
const POLICIES = ['AWSBackupServiceRolePolicyForBackup'];
/** Of the day, in UTC; the regions one after another. */
const HOUR = { A: '3', B: '4' } as const;

/** Daily copies of what is true in this region: its units' databases, and in A the tables of the arbiter. */
export class BackupStack extends RegionStack {
  constructor(scope: Construct, props: BackupStackProps) {
    super(scope, 'backup', props, 'daily backups');
    const { retentionDays, copyToOtherRegion } = this.stage.backup;
    const vault = new BackupVault(this, 'Vault', {
      backupVaultName: this.names.prefix,
      encryptionKey: this.foreignKey('Key', props.keys.key.keyArn),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const away = BackupVault.fromBackupVaultArn(
      this,
      'VaultAway',
      this.arn('backup', `backup-vault:${this.names.prefix}`, this.away),
    );
    const deleteAfter = Duration.days(retentionDays);
    const plan = new BackupPlan(this, 'Plan', {
      backupPlanName: this.names.prefix,
      backupVault: vault,
      backupPlanRules: [
        new BackupPlanRule({
          ruleName: 'daily',
          scheduleExpression: Schedule.cron({ hour: HOUR[this.home], minute: '0' }),
          deleteAfter,
          copyActions: copyToOtherRegion ? [{ destinationBackupVault: away, deleteAfter }] : [],
        }),
      ],
    });
    plan.addSelection('Truth', {
      backupSelectionName: 'truth',
      role: this.makeRole(),
      resources: this.truth().map((arn) => BackupResource.fromArn(arn)),
    });
  }

  private truth(): string[] {
    const clusters = clustersOf(this.stage).filter(({ home }) => home === this.home);
    const tables = this.home === 'A' ? TABLES : [];
    return [
      ...clusters.map(({ name }) => this.arn('rds', `cluster:${this.names.inRegion(this.home, name)}`)),
      ...tables.map(({ name }) => this.tableArn(name)),
    ];
  }

  private makeRole(): Role {
    const role = new Role(this, 'Role', {
      roleName: this.names.inRegion(this.home, 'backup'),
      assumedBy: new ServicePrincipal('backup.amazonaws.com'),
      managedPolicies: POLICIES.map((name) => ManagedPolicy.fromAwsManagedPolicyName(`service-role/${name}`)),
    });
    accept(
      role,
      Object.fromEntries(
        POLICIES.map((name) => [
          `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${name}]`,
          'The rights that AWS keeps for its backups.',
        ]),
      ),
    );
    return role;
  }
}
