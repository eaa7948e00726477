import { join } from 'node:path';
import { DescribeParametersCommand, ParameterAlreadyExists, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AWS_REGIONS, parameterName, type Region, SWITCHES } from '../../topology';
import type { AwsIdentity } from './aws-identity';
import type { EngineDefinition } from './definition';
import type { Tools } from './install';

export interface MotoServer {
  readonly region: Region;
  readonly port: number;
  readonly stage: string;
  readonly accountId: string;
  readonly dataDirectory: string;
  readonly identity: AwsIdentity;
}

/** moto with a journal. */
const STORE = join(__dirname, 'launchers', 'parameter_store.py');

async function withClient(server: MotoServer, act: (client: SSMClient) => Promise<void>): Promise<void> {
  const client = new SSMClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: AWS_REGIONS[server.region],
    credentials: server.identity,
    maxAttempts: 1,
  });
  try {
    await act(client);
  } finally {
    client.destroy();
  }
}

/** Puts the default of every switch that has no value yet; a value that someone gave stays. */
async function putDefaults(client: SSMClient, stage: string): Promise<void> {
  for (const definition of SWITCHES) {
    try {
      await client.send(
        new PutParameterCommand({
          Name: parameterName(stage, definition.name),
          Value: JSON.stringify(definition.defaultValue),
          Type: 'String',
          Description: definition.effect,
        }),
      );
    } catch (error) {
      if (!(error instanceof ParameterAlreadyExists)) throw error;
    }
  }
}

/** The Parameter Store of one region. */
export function motoEngine(server: MotoServer, tools: Tools): EngineDefinition {
  return {
    name: `ssm-${server.region}`,
    kind: 'ssm',
    region: server.region,
    role: 'parameters',
    port: server.port,
    ports: [server.port],
    dataDirectory: server.dataDirectory,
    memoryMb: 150,
    readyTimeoutMs: 60_000,
    prepare: async () => undefined,
    launch: () => ({
      command: tools.python,
      arguments: [STORE, String(server.port), join(server.dataDirectory, 'journal.jsonl')],
      environment: { MOTO_ACCOUNT_ID: server.accountId },
    }),
    check: () =>
      withClient(server, async (client) => {
        await client.send(new DescribeParametersCommand({ MaxResults: 1 }));
      }),
    configure: () => withClient(server, (client) => putDefaults(client, server.stage)),
  };
}
