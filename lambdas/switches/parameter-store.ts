import {
  GetParameterHistoryCommand,
  GetParametersCommand,
  type ParameterHistory,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { AWS_REGIONS, parameterName, type Region, switchNamed } from '../../topology';
import type { Parameter } from './acceptance';
import type { ParameterVersion } from './marks';

/** The switches as one region's Parameter Store holds them. Every call fails with the client's error if it is away. */
export interface ParameterStore {
  /** Those of these switches that the store has. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, Parameter>>;
  /** @returns the version that it made */
  put(name: string, text: string, description?: string): Promise<number>;
  /** The last hundred versions. */
  history(name: string): Promise<readonly ParameterVersion[]>;
  close(): void;
}

const CONNECTION_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 3000;
/** As many as the service answers at once. */
const NAMES_AT_ONCE = 10;
const VERSIONS_AT_ONCE = 50;

export function openParameterStore(options: {
  readonly region: Region;
  readonly stage: string;
  /** Stands in for the address of AWS. */
  readonly endpoint?: string;
}): ParameterStore {
  const { region, stage, endpoint } = options;
  const client = new SSMClient({
    region: AWS_REGIONS[region],
    ...(endpoint === undefined ? {} : { endpoint }),
    // A put that was announced once is sent once.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });

  async function readSome(names: readonly string[]): Promise<[string, Parameter][]> {
    const command = new GetParametersCommand({ Names: names.map((name) => parameterName(stage, name)) });
    const { Parameters = [] } = await client.send(command);
    return Parameters.flatMap(({ Name = '', Value = '', Version = 0, LastModifiedDate }) => {
      const name = switchNamed(stage, Name);
      const modifiedAtMs = LastModifiedDate?.getTime() ?? 0;
      return name === undefined ? [] : [[name, { text: Value, version: Version, modifiedAtMs }]];
    });
  }

  return {
    async read(names) {
      const found: [string, Parameter][] = [];
      for (let from = 0; from < names.length; from += NAMES_AT_ONCE) {
        found.push(...(await readSome(names.slice(from, from + NAMES_AT_ONCE))));
      }
      return new Map(found);
    },

    async put(name, text, description) {
      const { Version = 0 } = await client.send(
        new PutParameterCommand({
          Name: parameterName(stage, name),
          Value: text,
          Type: 'String',
          Overwrite: true,
          ...(description !== undefined && { Description: description }),
        }),
      );
      return Version;
    },

    async history(name) {
      const versions: ParameterVersion[] = [];
      let next: string | undefined;
      do {
        const { Parameters = [], NextToken } = await client.send(
          new GetParameterHistoryCommand({
            Name: parameterName(stage, name),
            MaxResults: VERSIONS_AT_ONCE,
            NextToken: next,
          }),
        );
        versions.push(...Parameters.map(versionOf));
        next = NextToken;
      } while (next !== undefined);
      return versions;
    },

    close: () => client.destroy(),
  };
}

function versionOf({ Version = 0, Description = '', LastModifiedUser: user }: ParameterHistory): ParameterVersion {
  return { version: Version, description: Description, ...(user?.startsWith('arn:') && { user }) };
}
