import { REGIONS, type Region } from '../../topology';
import type { FrontConfig } from '../system/process-config';
import { AwsFailure } from './aws-error';
import type { SignedScope } from './scope';

/** Where a request goes: to a process as it is, or to what the front does itself. */
export type Destination =
  | { readonly kind: 'process'; readonly url: URL; readonly what: string }
  | { readonly kind: 'parameters'; readonly url: URL; readonly what: string; readonly region: Region }
  | { readonly kind: 'topic'; readonly region: Region };

const SERVICES = ['dynamodb', 'lambda', 'rds', 'sns', 'sqs', 'ssm'] as const;
const MAPPINGS = /^\/2015-03-31\/event-source-mappings(?:[/?]|$)/;
const INVOCATIONS = /^\/2015-03-31\/functions\/([^/?]+)\/invocations/;

/** Finds the destination of a signed request. */
export type Destinations = (scope: SignedScope, url: string) => Destination;

/** @param at region whose callers ask; absent where nothing stands between them and the engines */
export function createDestinations(config: FrontConfig, at?: Region): Destinations {
  const entry = at === undefined ? undefined : config.entries?.[at];
  const parsed = new Map<string, URL>();
  const urlOf = (text: string): URL => {
    const url = parsed.get(text) ?? new URL(text);
    parsed.set(text, url);
    return url;
  };
  return ({ awsRegion, service }, url) => {
    // The arbiter's tables are the same in every region.
    if (service === 'dynamodb') {
      return { kind: 'process', url: urlOf(entry?.dynamodb ?? config.dynamodb), what: 'DynamoDB' };
    }
    const region = regionOf(config, awsRegion);
    if (entry !== undefined && region !== at) {
      return { kind: 'process', url: urlOf(entry.otherRegion), what: `AWS in ${awsRegion}` };
    }
    const { sqs, ssm } = config.regions[region];
    if (service === 'sqs') return { kind: 'process', url: urlOf(sqs), what: `SQS in ${awsRegion}` };
    if (service === 'ssm') {
      return { kind: 'parameters', url: urlOf(ssm), what: `The Parameter Store in ${awsRegion}`, region };
    }
    if (service === 'rds') return { kind: 'process', url: urlOf(config.rds), what: `RDS in ${awsRegion}` };
    if (service === 'sns') return { kind: 'topic', region };
    if (service === 'lambda') {
      return { kind: 'process', url: urlOf(invokeUrl(config, region, url)), what: `Lambda in ${awsRegion}` };
    }
    throw new AwsFailure(400, 'UnknownService', `There is no ${service} here, only ${SERVICES.join(', ')}`);
  };
}

/** @throws AwsFailure that says which regions exist */
export function regionOf(config: FrontConfig, awsRegion: string): Region {
  const found = REGIONS.find((region) => config.regions[region].awsRegion === awsRegion);
  if (found !== undefined) return found;
  const existing = REGIONS.map((region) => config.regions[region].awsRegion).join(' and ');
  throw new AwsFailure(400, 'UnknownRegion', `There is nothing in ${awsRegion}, only in ${existing}`);
}

/** What queues trigger runs in the process of tasks, and so do its event sources. */
function invokeUrl(config: FrontConfig, region: Region, url: string): string {
  const { functions, invoke } = config.regions[region];
  if (MAPPINGS.test(url)) return invoke.tasks;
  const reference = decodeURIComponent(INVOCATIONS.exec(url)?.[1] ?? '').split(':');
  const name = (reference[0] === 'arn' ? reference[6] : reference[0]) ?? '';
  const kind = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (kind !== undefined) return invoke[kind];
  const existing = Object.keys(functions).join(', ');
  throw new AwsFailure(404, 'ResourceNotFoundException', `Function not found: ${name}. Here are ${existing}`);
}
