import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  CfnAccount,
  EndpointType,
  Integration,
  IntegrationType,
  LogGroupLogDestination,
  Method,
  MethodLoggingLevel,
  Model,
  RequestValidator,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { apiFunction, classPrefix, ROUTES, type Route, TRAFFIC_CLASSES, type TrafficClass } from '../topology';
import { accept } from './constructs/accept';
import { answerAsProblems } from './constructs/gateway-answers';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import { type RequestModel, requestModels } from './constructs/request-models';
import { ALIAS } from './constructs/rights';
import { WebAcl } from './constructs/web-acl';
import type { KeysStack } from './keys-stack';

export interface ApiStackProps extends RegionStackProps {
  readonly keys: KeysStack;
}

const STAGE_NAME = 'live';

export function apiName(stack: RegionStack, trafficClass: TrafficClass): string {
  return stack.names.of(trafficClass);
}

/** The REST APIs of one region, one for each traffic class, so that none can use up what another is owed. */
export class ApiStack extends RegionStack {
  readonly apis: Readonly<Record<TrafficClass, RestApi>>;

  constructor(scope: Construct, props: ApiStackProps) {
    super(scope, 'api', props, 'the API of each traffic class');
    const account = this.stage.keepsAccountSettings ? this.mayLog() : undefined;
    const models = requestModels();
    this.apis = Object.fromEntries(
      TRAFFIC_CLASSES.map((trafficClass) => {
        const api = this.makeApi(trafficClass, props.keys);
        if (account !== undefined) api.deploymentStage.node.addDependency(account);
        this.addRoutes(api, trafficClass, models);
        answerAsProblems(api);
        this.tellUrl(api, trafficClass);
        new WebAcl(this, { name: trafficClass, resourceArn: api.deploymentStage.stageArn });
        return [trafficClass, api];
      }),
    ) as Record<TrafficClass, RestApi>;
  }

  /** What stands before `/v1/<class>`. */
  private tellUrl(api: RestApi, trafficClass: TrafficClass): void {
    // The construct has an output too, called by a hash.
    api.node.tryRemoveChild('Endpoint');
    const { dns } = this.stage.api;
    const own = `https://${api.restApiId}.execute-api.${this.region}.${this.urlSuffix}/${STAGE_NAME}`;
    const value = dns === undefined ? own : `https://${trafficClass}.${dns.domainName}`;
    new CfnOutput(this, `${trafficClass}Url`, { value });
  }

  private makeApi(trafficClass: TrafficClass, { key }: KeysStack): RestApi {
    const { api: settings, functions } = this.stage;
    const encryptionKey = this.foreignKey(`Key-${trafficClass}`, key.keyArn);
    const log = (id: string, logGroupName: string) =>
      new LogGroup(this, id, {
        logGroupName,
        retention: functions.logRetentionDays,
        encryptionKey,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    const accessLog = log(`Access-${trafficClass}`, `/twinkeep/${this.stage.name}/access/${trafficClass}`);
    const api = new RestApi(this, `Api-${trafficClass}`, {
      restApiName: apiName(this, trafficClass),
      description: `Twinkeep ${this.stage.name}, class ${trafficClass}`,
      endpointTypes: [EndpointType.REGIONAL],
      disableExecuteApiEndpoint: settings.dns !== undefined,
      cloudWatchRole: false,
      deployOptions: {
        stageName: STAGE_NAME,
        throttlingRateLimit: settings.throttle.ratePerS,
        throttlingBurstLimit: settings.throttle.burst,
        metricsEnabled: true,
        loggingLevel: MethodLoggingLevel.ERROR,
        // Bodies and headers hold contact data and keys.
        dataTraceEnabled: false,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: ACCESS_LOG,
      },
    });
    // The gateway would make the group of its errors itself, and keep everything for ever.
    api.deploymentStage.node.addDependency(
      log(`Errors-${trafficClass}`, `API-Gateway-Execution-Logs_${api.restApiId}/${STAGE_NAME}`),
    );
    accept(api, {
      'AwsSolutions-APIG4':
        'Callers have keys of their own, which the functions check against a registry in both regions.',
      'AwsSolutions-COG4': 'Callers are services, not people: there is no user pool.',
    });
    return api;
  }

  private addRoutes(api: RestApi, trafficClass: TrafficClass, models: ReadonlyMap<string, RequestModel>): void {
    const integration = this.integrate(api, trafficClass);
    const validator = new RequestValidator(api, 'Validator', {
      restApi: api,
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    for (const route of ROUTES.filter(({ classes }) => classes.includes(trafficClass))) {
      for (const path of pathsOf(route, trafficClass)) {
        new Method(api, `${route.method} ${path}`.replaceAll('/', ':'), {
          resource: api.root.resourceForPath(path),
          httpMethod: route.method,
          integration,
          options: { requestValidator: validator, ...this.modelOf(api, route, models) },
        });
      }
    }
    this.refuseOthers(api, trafficClass, integration);
  }

  /**
   * Other methods are refused by the function: an answer of the gateway's own depends on the media type of the body. A path
   * of another class has its place here, too: else its last segment would be taken for an id.
   */
  private refuseOthers(api: RestApi, trafficClass: TrafficClass, integration: Integration): void {
    for (const path of new Set(ROUTES.flatMap((route) => pathsOf(route, trafficClass)))) {
      const resource = api.root.resourceForPath(path);
      new Method(api, `ANY ${path}`.replaceAll('/', ':'), { resource, httpMethod: 'ANY', integration });
    }
  }

  private modelOf(api: RestApi, { operation, body }: Route, models: ReadonlyMap<string, RequestModel>) {
    if (body === undefined) return {};
    const described = models.get(operation);
    if (described === undefined) throw new Error(`The document of the API does not describe the body of ${operation}`);
    const model = new Model(api, `Model-${operation}`, { restApi: api, schema: described.schema });
    return { requestModels: Object.fromEntries(described.mediaTypes.map((type) => [type, model])) };
  }

  /** By the function's name: its stack may be deployed anew without this one. */
  private integrate(api: RestApi, trafficClass: TrafficClass): Integration {
    const alias = this.arn('lambda', `function:${this.names.of(apiFunction(trafficClass).name)}:${ALIAS}`);
    new CfnPermission(this, `Invoke-${trafficClass}`, {
      action: 'lambda:InvokeFunction',
      functionName: alias,
      principal: 'apigateway.amazonaws.com',
      sourceArn: api.arnForExecuteApi('*', '/*', STAGE_NAME),
    });
    return new Integration({
      type: IntegrationType.AWS_PROXY,
      integrationHttpMethod: 'POST',
      uri: `arn:${this.partition}:apigateway:${this.region}:lambda:path/2015-03-31/functions/${alias}/invocations`,
    });
  }

  /** What an account has once in each region: the right of API Gateway to write logs. */
  private mayLog(): CfnAccount {
    const role = new Role(this, 'MayLog', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs')],
    });
    accept(role, {
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
        'The setting is the account’s, for all of its APIs; this is the policy that AWS keeps for it.',
    });
    const account = new CfnAccount(this, 'Account', { cloudWatchRoleArn: role.roleArn });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return account;
  }
}

function pathsOf({ path, open }: Route, trafficClass: TrafficClass): string[] {
  return [`${classPrefix(trafficClass)}${path}`, ...(open ? [path] : [])];
}

/** Without paths and addresses: a path holds accounts. The resource says which call it was. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTimeEpoch(),
    method: AccessLogField.contextHttpMethod(),
    resource: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    latencyMs: AccessLogField.contextResponseLatency(),
    integrationLatencyMs: AccessLogField.contextIntegrationLatency(),
    integrationError: AccessLogField.contextIntegrationErrorMessage(),
    bytes: AccessLogField.contextResponseLength(),
  }),
);
