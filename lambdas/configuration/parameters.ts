import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { parseNamed, reading, type Store } from './reading';

interface Branch {
  [name: string]: unknown;
}

/** Endpoints as parameters tell them, which nothing has checked yet. */
export interface StoredEndpoints {
  readonly endpoints: Branch;
  /** The parameter in which a value stands, or should stand, by its path in the endpoints. */
  readonly parameterOf: (keys: readonly string[]) => string;
}

/**
 * Reads every parameter below a path. The rest of its name says where its value belongs: `databases/a1`, `caches`.
 * @throws Error naming what could not be read, or is not JSON
 */
export async function readEndpoints(store: Store, path: string): Promise<StoredEndpoints> {
  const texts = await reading(`the parameters below ${path}`, readBelow(store, path));
  // Those that are contained in others come after them.
  const names = [...texts.keys()].sort();
  const endpoints: Branch = {};
  for (const name of names) place(endpoints, name.split('/'), parseNamed(`${path}/${name}`, texts.get(name) ?? ''));
  return { endpoints: asInAws(endpoints), parameterOf: (keys) => `${path}/${nameIn(names, keys)}` };
}

async function readBelow({ region, signal }: Store, path: string): Promise<Map<string, string>> {
  const client = new SSMClient({ region, maxAttempts: 2 });
  try {
    const texts = new Map<string, string>();
    let next: string | undefined;
    do {
      const command = new GetParametersByPathCommand({ Path: path, Recursive: true, NextToken: next });
      const { Parameters = [], NextToken } = await client.send(command, { abortSignal: signal });
      for (const { Name = '', Value = '' } of Parameters) texts.set(Name.slice(path.length + 1), Value);
      next = NextToken;
    } while (next !== undefined);
    return texts;
  } finally {
    client.destroy();
  }
}

function place(tree: Branch, keys: readonly string[], value: unknown): void {
  const [key = '', ...rest] = keys;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const branch = isBranch(tree[key]) ? tree[key] : {};
  tree[key] = branch;
  place(branch, rest, value);
}

/** Databases and caches are reached by TLS, and domains by signed requests, unless a parameter says otherwise. */
function asInAws(endpoints: Branch): Branch {
  const encrypted = (address: unknown) => (isBranch(address) ? { tls: true, ...address } : address);
  return {
    signing: 'es',
    ...endpoints,
    databases: mapped(endpoints.databases, (cluster) => mapped(cluster, encrypted)),
    caches: mapped(endpoints.caches, encrypted),
  };
}

function mapped(value: unknown, change: (value: unknown) => unknown): unknown {
  if (!isBranch(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The longest name along these keys, and what is left of them within its value. */
function nameIn(names: readonly string[], keys: readonly string[]): string {
  for (let length = keys.length; length > 0; length -= 1) {
    const name = keys.slice(0, length).join('/');
    if (names.includes(name)) return [name, keys.slice(length).join('.')].filter((part) => part !== '').join(': ');
  }
  return keys.join('/');
}
