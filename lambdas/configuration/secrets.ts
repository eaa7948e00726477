import { hkdfSync } from 'node:crypto';
import { BatchGetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { type Account, invalidConfig, type Secrets } from '../core';
import { parseNamed, reading, type Store } from './reading';

/** Names of secrets by what they open. */
export interface SecretNames {
  readonly database: string;
  readonly cache: string;
  readonly keys: string;
}

const KEY_BYTES = 32;
/** Secrets Manager refuses a batch of more; only who makes users asks for so many. */
const MOST_AT_ONCE = 20;

const filled = z.string().check(z.minLength(1));
const accountSchema = z.object({ username: filled, password: filled });
const keysSchema = z.object({ key: z.string().check(z.minLength(KEY_BYTES)) });

/**
 * Reads all secrets at once.
 * @param masters name of the master's secret by cluster, for those who may make users and schemas
 * @throws Error naming every secret that could not be read, or the first that has not the form it should have
 */
export async function readSecrets(
  store: Store,
  names: SecretNames,
  masters: Readonly<Record<string, string>> | undefined,
): Promise<Secrets> {
  const wanted = [...new Set([...Object.values(names), ...Object.values(masters ?? {})])];
  const texts = await reading(`the secrets ${wanted.join(', ')}`, readAll(store, wanted));
  const missing = wanted.filter((name) => texts.get(name)?.text === undefined);
  if (missing.length > 0) throw invalidConfig(missing.map((name) => `secret ${name}: ${reasonOf(texts.get(name))}`));
  const of = <T>(schema: z.ZodMiniType<T>, name: string): T => parseSecret(schema, name, texts.get(name)?.text ?? '');
  const accountOf = (name: string): Account => {
    const { username, password } = of(accountSchema, name);
    return { user: username, password };
  };
  const { key } = of(keysSchema, names.keys);
  return {
    database: accountOf(names.database),
    cache: accountOf(names.cache),
    ...(masters === undefined ? {} : { masters: mapValues(masters, accountOf) }),
    cursorKey: derive(key, 'cursor'),
    contactKey: derive(key, 'contact'),
  };
}

interface Found {
  readonly text?: string | undefined;
  readonly error?: string | undefined;
}

async function readAll({ region, signal }: Store, names: readonly string[]): Promise<Map<string, Found>> {
  const client = new SecretsManagerClient({ region, maxAttempts: 2 });
  try {
    const found = new Map<string, Found>();
    for (let from = 0; from < names.length; from += MOST_AT_ONCE) {
      const command = new BatchGetSecretValueCommand({ SecretIdList: names.slice(from, from + MOST_AT_ONCE) });
      const { SecretValues = [], Errors = [] } = await client.send(command, { abortSignal: signal });
      for (const { SecretId = '', ErrorCode } of Errors) found.set(SecretId, { error: ErrorCode });
      for (const { Name = '', SecretString } of SecretValues) found.set(Name, { text: SecretString });
    }
    return found;
  } finally {
    client.destroy();
  }
}

function reasonOf(found: Found | undefined): string {
  return found?.error ?? 'it has no text';
}

function parseSecret<T>(schema: z.ZodMiniType<T>, name: string, text: string): T {
  const parsed = z.safeParse(schema, parseNamed(`secret ${name}`, text));
  if (parsed.success) return parsed.data;
  throw invalidConfig(parsed.error.issues.map(({ path, message }) => `secret ${name}: ${path.join('.')}: ${message}`));
}

/** One secret opens both, and neither tells the other. */
function derive(key: string, label: string): string {
  return Buffer.from(hkdfSync('sha256', key, '', label, KEY_BYTES)).toString('base64url');
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
