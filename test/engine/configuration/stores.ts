import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ensureTools } from '../../../local/engines';
import { motoEngine } from '../../../local/engines/moto';
import { AWS_REGIONS, QUEUES, type Region } from '../../../topology';
import { freePort, startScratchEngine } from '../../support/scratch-engine';

const IDENTITY = { accessKeyId: 'AKIATESTS', secretAccessKey: 'identity-for-tests' };

/** Parameters and secrets of both regions, as AWS keeps them. */
export interface Stores {
  /** What the clients of AWS find in a function's environment. */
  readonly environment: Readonly<Record<string, string>>;
  put(region: Region, parameters: Readonly<Record<string, string>>): Promise<void>;
  remove(region: Region, ...parameters: readonly string[]): Promise<void>;
  keep(region: Region, secrets: Readonly<Record<string, string>>): Promise<void>;
  forget(region: Region, ...secrets: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startStores(): Promise<Stores> {
  const tools = await ensureTools(() => undefined, new AbortController().signal);
  const port = await freePort();
  const engine = await startScratchEngine((dataDirectory) =>
    motoEngine(
      { region: 'A', port, stage: 'switches', accountId: '123456789012', dataDirectory, identity: IDENTITY },
      tools,
    ),
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = (region: Region) => ({ endpoint, region: AWS_REGIONS[region], credentials: IDENTITY });
  const ssm = { A: new SSMClient(settings('A')), B: new SSMClient(settings('B')) };
  const vaults = { A: new SecretsManagerClient(settings('A')), B: new SecretsManagerClient(settings('B')) };
  return {
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: IDENTITY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: IDENTITY.secretAccessKey,
    },
    async put(region, parameters) {
      for (const [Name, Value] of Object.entries(parameters)) {
        await ssm[region].send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
      }
    },
    async remove(region, ...names) {
      for (const Name of names) await ssm[region].send(new DeleteParameterCommand({ Name }));
    },
    async keep(region, secrets) {
      for (const [Name, SecretString] of Object.entries(secrets)) {
        await vaults[region].send(new CreateSecretCommand({ Name, SecretString }));
      }
    },
    async forget(region, ...names) {
      for (const SecretId of names) {
        await vaults[region].send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
      }
    },
    async stop() {
      for (const client of [ssm.A, ssm.B, vaults.A, vaults.B]) client.destroy();
      await engine.stop();
    },
  };
}

export const PATH = '/twinkeep/test/endpoints';

/** Where nobody listens. */
const address = { host: 'nobody.invalid', port: 1 };
const both = { A: address, B: { ...address, port: 2 } };

/** More of them than one answer holds. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  [`${PATH}/databases/a1`]: JSON.stringify(both),
  [`${PATH}/databases/b1`]: JSON.stringify({ A: { ...address, tls: false }, B: address }),
  [`${PATH}/caches`]: JSON.stringify(both),
  [`${PATH}/domains`]: JSON.stringify({ order: 'https://order.invalid', standby: 'https://standby.invalid' }),
  [`${PATH}/domains/marketing`]: JSON.stringify('https://marketing.invalid'),
  [`${PATH}/topics`]: JSON.stringify({ A: 'arn:a', B: 'arn:b' }),
  ...Object.fromEntries(
    QUEUES.map(({ name }) => [`${PATH}/queues/${name}`, JSON.stringify(`https://queues.invalid/${name}`)]),
  ),
  [`${PATH}/tablePrefix`]: JSON.stringify('twinkeep-test'),
};

export const KEY = 'a key of forty-two letters, for tests only';
export const SECRETS: Readonly<Record<string, string>> = {
  'test/database': JSON.stringify({ username: 'app', password: 'database-password', engine: 'mysql' }),
  'test/cache': JSON.stringify({ username: 'reader', password: 'cache-password' }),
  'test/keys': JSON.stringify({ key: KEY }),
  'test/master-a1': JSON.stringify({ username: 'admin', password: 'master-password', port: 3306 }),
};

/** What a function's environment says. */
export const VARIABLES: Readonly<Record<string, string>> = {
  TWINKEEP_STAGE: 'test',
  TWINKEEP_REGION: 'A',
  TWINKEEP_FUNCTION: 'members-order',
  TWINKEEP_CLASS: 'order',
  TWINKEEP_ENDPOINTS_PATH: PATH,
  TWINKEEP_SECRET_NAMES: JSON.stringify({ database: 'test/database', cache: 'test/cache', keys: 'test/keys' }),
};
