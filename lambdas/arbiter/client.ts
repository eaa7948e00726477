import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * For one attempt, waiting for a connection included. A write that reaches all regions takes some tens of milliseconds.
 */
const REQUEST_TIMEOUT_MS = 1500;
const MAX_SOCKETS = 64;

/** Steps of the client that serve logs and statistics of AWS and cost a tenth of its time. */
const UNUSED_MIDDLEWARE = ['getUserAgentMiddleware', 'loggerMiddleware', 'recursionDetectionMiddleware'];

/**
 * The client with everything said that it would otherwise look up in files, and one attempt for each call, because
 * attempts are counted in `attempts.ts`. Credentials are those of the environment.
 */
export function createClient(options: { awsRegion: string; endpoint?: string }): DynamoDBClient {
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const client = new DynamoDBClient({
    region: options.awsRegion,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    // Every call of a kind goes the same way, so the way is put together once. Calls must then carry no options.
    cacheMiddleware: true,
    accountIdEndpointMode: 'disabled',
    endpointDiscoveryEnabled: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    authSchemePreference: ['sigv4'],
    requestHandler: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without it the client only warns and waits on.
      throwOnRequestTimeout: true,
      // The one above ends with the first byte of an answer.
      socketTimeout: REQUEST_TIMEOUT_MS,
      httpAgent: sockets,
      httpsAgent: sockets,
    },
  });
  for (const name of UNUSED_MIDDLEWARE) client.middlewareStack.remove(name);
  return client;
}
