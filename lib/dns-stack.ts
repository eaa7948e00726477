import { BasePathMapping, DomainName, EndpointType, SecurityPolicy } from 'aws-cdk-lib/aws-apigateway';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnHealthCheck, CfnRecordSet, HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { TRAFFIC_CLASSES, type TrafficClass } from '../topology';
import type { ApiStack } from './api-stack';
import type { StageConfiguration } from './configuration';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';

type Dns = NonNullable<StageConfiguration['api']['dns']>;

export interface DnsStackProps extends RegionStackProps {
  readonly dns: Dns;
  readonly api: ApiStack;
}

/** Three failures, ten seconds apart, take a region out. */
const CHECK = { requestInterval: 10, failureThreshold: 3 } as const;

/**
 * Names of the classes. Each has one that both regions answer, and one of this region alone, which the health check
 * asks: the shared one would be answered by whoever is well.
 */
export class DnsStack extends RegionStack {
  readonly healthChecks: Readonly<Record<TrafficClass, string>>;

  constructor(
    scope: Construct,
    private readonly props: DnsStackProps,
  ) {
    super(scope, 'dns', props, 'names, certificates and health checks');
    const { zoneId, zoneName } = props.dns;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: zoneId, zoneName });
    this.healthChecks = Object.fromEntries(
      TRAFFIC_CLASSES.map((trafficClass) => [trafficClass, this.nameClass(trafficClass, zone)]),
    ) as Record<TrafficClass, string>;
  }

  private nameClass(trafficClass: TrafficClass, zone: IHostedZone): string {
    const { domainName } = this.props.dns;
    const shared = `${trafficClass}.${domainName}`;
    const own = `${trafficClass}-${this.home.toLowerCase()}.${domainName}`;
    const certificate = new Certificate(this, `Certificate-${trafficClass}`, {
      domainName: shared,
      subjectAlternativeNames: [own],
      validation: CertificateValidation.fromDns(zone),
    });
    const serve = (name: string, id: string) => this.serve(id, name, certificate, trafficClass);
    const sharedDomain = serve(shared, `Shared-${trafficClass}`);
    const ownDomain = serve(own, `Own-${trafficClass}`);
    this.record(`OwnRecord-${trafficClass}`, own, ownDomain, {});
    const healthCheck = new CfnHealthCheck(this, `Check-${trafficClass}`, {
      healthCheckConfig: {
        type: 'HTTPS',
        fullyQualifiedDomainName: own,
        port: 443,
        resourcePath: '/health',
        enableSni: true,
        ...CHECK,
      },
      healthCheckTags: [{ key: 'Name', value: own }],
    });
    this.record(`SharedRecord-${trafficClass}`, shared, sharedDomain, {
      setIdentifier: this.home,
      healthCheckId: healthCheck.attrHealthCheckId,
      ...(this.props.dns.routing === 'latency'
        ? { region: this.region }
        : { failover: this.home === 'A' ? 'PRIMARY' : 'SECONDARY' }),
    });
    return healthCheck.attrHealthCheckId;
  }

  private serve(id: string, domainName: string, certificate: Certificate, trafficClass: TrafficClass): DomainName {
    const domain = new DomainName(this, id, {
      domainName,
      certificate,
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    const restApi = this.props.api.apis[trafficClass];
    new BasePathMapping(this, `${id}-Api`, { domainName: domain, restApi, stage: restApi.deploymentStage });
    return domain;
  }

  private record(id: string, name: string, domain: DomainName, routing: object): void {
    new CfnRecordSet(this, id, {
      hostedZoneId: this.props.dns.zoneId,
      name,
      type: 'A',
      aliasTarget: {
        dnsName: domain.domainNameAliasDomainName,
        hostedZoneId: domain.domainNameAliasHostedZoneId,
        evaluateTargetHealth: false,
      },
      ...routing,
    });
  }
}
