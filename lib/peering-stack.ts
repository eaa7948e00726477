import { CfnRoute, CfnVPCPeeringConnection } from 'aws-cdk-lib/aws-ec2';
import { CfnHostedZone, CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import { ACROSS, interfaceOutputs, type NetworkStack } from './network-stack';

export interface PeeringStackProps extends RegionStackProps {
  readonly networks: Readonly<Record<'A' | 'B', NetworkStack>>;
  /** The connection, where another stack has made it. */
  readonly connectionId?: string;
}

/** The way from one region to the other: routes through a peering, and names of the other region's services. */
export class PeeringStack extends RegionStack {
  readonly connectionId: string;

  constructor(scope: Construct, props: PeeringStackProps) {
    super(scope, 'peering', props, 'the way to the other region');
    const own = props.networks[this.home];
    const other = props.networks[this.away];
    this.connectionId = props.connectionId ?? this.connect(own, other);
    for (const [index, subnet] of own.vpc.isolatedSubnets.entries()) {
      new CfnRoute(this, `Route${index}`, {
        routeTableId: subnet.routeTable.routeTableId,
        destinationCidrBlock: this.stage.network.cidrs[this.away],
        vpcPeeringConnectionId: this.connectionId,
      });
    }
    for (const service of ACROSS) this.nameService(service, own, other);
  }

  private connect(own: NetworkStack, other: NetworkStack): string {
    // Within one account the connection accepts itself.
    const connection = new CfnVPCPeeringConnection(this, 'Connection', {
      vpcId: own.vpc.vpcId,
      peerVpcId: other.vpc.vpcId,
      peerRegion: this.stage.regions[this.away],
      tags: [{ key: 'Name', value: this.names.prefix }],
    });
    return connection.ref;
  }

  /** The name that clients know a service of the other region by leads to that region's interface, over the peering. */
  private nameService(service: (typeof ACROSS)[number], own: NetworkStack, other: NetworkStack): void {
    const name = `${service}.${this.stage.regions[this.away]}.amazonaws.com`;
    const zone = new CfnHostedZone(this, `Zone-${service}`, {
      name,
      hostedZoneConfig: { comment: `${service} of the other region, for ${this.names.prefix}` },
      vpcs: [{ vpcId: own.vpc.vpcId, vpcRegion: this.region }],
    });
    const outputs = interfaceOutputs(service);
    new CfnRecordSet(this, `Name-${service}`, {
      hostedZoneId: zone.ref,
      name,
      type: 'A',
      aliasTarget: {
        hostedZoneId: this.outputOf(other, outputs.zone),
        dnsName: this.outputOf(other, outputs.name),
      },
    });
  }
}
