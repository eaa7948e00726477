import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  MultiRegionConsistency,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { TABLES, type Table } from '../topology';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';

/** The arbiter's tables: in both regions, strongly consistent over them and a witness in a third. */
export class ArbiterStack extends RegionStack {
  constructor(scope: Construct, props: RegionStackProps) {
    super(scope, 'arbiter', props, 'the tables of the arbiter, in both regions and the witness');
    for (const table of TABLES) this.makeTable(table);
  }

  private makeTable({ name, partitionKey, sortKey, indexes = [] }: Table): void {
    const text = (attribute: string) => ({ name: attribute, type: AttributeType.STRING });
    new TableV2(this, name, {
      tableName: this.names.table(name),
      partitionKey: text(partitionKey),
      ...(sortKey === undefined ? {} : { sortKey: text(sortKey) }),
      globalSecondaryIndexes: indexes.map((index) => ({
        indexName: index.name,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        projectionType: ProjectionType.ALL,
      })),
      billing: Billing.onDemand(),
      multiRegionConsistency: MultiRegionConsistency.STRONG,
      replicas: [{ region: this.stage.regions.B }],
      witnessRegion: this.stage.regions.witness,
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
