import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { list } from '@ioredis/commands';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS, bundleProcesses } from '../../../local/bundle';
import { COMMANDS } from '../../../local/bundle/smaller-libraries';
import { temporaryDirectory } from '../../support/directory';

const ROOT = resolve(__dirname, '..', '..', '..');
// Jest would transform what it requires: a bundle must be loaded as it is.
const loadNatively = (file: string): Record<string, unknown> => {
  const { exports } = { exports: {} };
  const loaded = { exports };
  new Function('exports', 'require', 'module', readFileSync(file, 'utf8'))(exports, createRequire(file), loaded);
  return loaded.exports;
};

const directory = temporaryDirectory('bundles');
let built = 0;

/** The exports of a bundle of this source, and its size. */
async function bundled(source: string) {
  built += 1;
  const outdir = join(directory, String(built));
  await build({
    ...BUNDLE_OPTIONS,
    plugins: [...BUNDLE_OPTIONS.plugins],
    mainFields: [...BUNDLE_OPTIONS.mainFields],
    stdin: { contents: source, resolveDir: ROOT, loader: 'ts', sourcefile: 'source.ts' },
    outfile: join(outdir, 'source.cjs'),
    outExtension: {},
  });
  const file = join(outdir, 'source.cjs');
  const text = readFileSync(file, 'utf8');
  return { file, text, bytes: Buffer.byteLength(text), exports: () => loadNatively(file) };
}

test('what is left out of the MySQL client is not what it needs', async () => {
  const { bytes, exports } = await bundled(`
    const decode = require('./node_modules/mysql2/lib/parsers/string.js').decode;
    const names = require('./node_modules/mysql2/lib/constants/errors.js');
    export const text = (encoding: string, bytes: Buffer) => decode(bytes, encoding, 0, bytes.length);
    export { names };
    export { createPool } from 'mysql2/promise';
  `);
  const { text, names } = exports() as {
    text(encoding: string, bytes: Buffer): string;
    names: Record<string, string | number>;
  };
  expect(text('utf8', Buffer.from('Zoë 王 😀'))).toBe('Zoë 王 😀');
  expect(text('latin1', Buffer.from([0xeb]))).toBe('ë');
  expect(text('cesu8', Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]))).toBe('😀');
  expect(() => text('gbk', Buffer.from([0xcd, 0xf5]))).toThrow('Encoding not recognized');
  const original = loadNatively(join(ROOT, 'node_modules/mysql2/lib/constants/errors.js'));
  expect(Object.fromEntries(Object.keys(original).map((key) => [key, names[key]]))).toEqual(original);
  expect(bytes).toBeLessThan(300_000);
});

test('clients of AWS have the credentials of the environment', async () => {
  const { exports } = await bundled(`
    import { SNSClient } from '@aws-sdk/client-sns';
    export const credentials = () => new SNSClient({ region: 'us-east-1' }).config.credentials();
  `);
  const { credentials } = exports() as { credentials(): Promise<{ accessKeyId: string }> };
  await expect(credentials()).rejects.toThrow('Unable to find environment variable credentials');
  process.env.AWS_ACCESS_KEY_ID = 'id';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
  try {
    await expect(credentials()).resolves.toMatchObject({ accessKeyId: 'id' });
  } finally {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
  }
});

test('the Redis client knows the keys of its commands', async () => {
  const { exports } = await bundled(`
    import { getKeyIndexes, hasFlag, list } from '@ioredis/commands';
    export const get = { keys: getKeyIndexes('get', ['k']), readonly: hasFlag('get', 'readonly'), count: list.length };
  `);
  expect(exports().get).toMatchObject({ keys: [0], readonly: true });
});

/** Methods of arrays, maps and hashes that are called like a command. */
const OF_JAVASCRIPT: readonly string[] = ['keys', 'sort', 'digest'];

test('the Redis client has every command that the cache asks for', () => {
  const cache = join(ROOT, 'lambdas', 'cache');
  const called = readdirSync(cache).flatMap((file) => {
    const source = readFileSync(join(cache, file), 'utf8');
    return [...source.matchAll(/\.(\w+)\(/g)].map(([, name = '']) => name);
  });
  const commands: readonly string[] = list;
  const asked = [...new Set(called)].filter((name) => commands.includes(name) && !OF_JAVASCRIPT.includes(name));
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.filter((name) => !COMMANDS.includes(name))).toEqual([]);
  expect(COMMANDS.filter((name) => !commands.includes(name))).toEqual([]);
});

test.each(['dynamodb', 'lambda', 'secrets-manager', 'sns', 'sqs', 'ssm'])(
  'requests and answers of the client for %s are described as its authors describe them',
  async (client) => {
    const path = `@aws-sdk/client-${client}/dist-es/schemas/schemas_0.js`;
    const { exports } = await bundled(`export * from './node_modules/${path}';`);
    const described = exports();
    const { outputFiles } = await build({
      entryPoints: [join(ROOT, 'node_modules', path)],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      write: false,
    });
    const file = join(directory, `${client}.cjs`);
    writeFileSync(file, outputFiles[0]?.text ?? '');
    const original = loadNatively(file);
    const kept = Object.keys(described);
    expect(kept).not.toEqual([]);
    const textOf = (schemas: Record<string, unknown>) => kept.map((name) => `${name} ${JSON.stringify(schemas[name])}`);
    expect(textOf(described)).toEqual(textOf(original));
  },
);

test('schemas of commands that nobody gives fall away', async () => {
  const { text, bytes } = await bundled(`
    import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
    export const invoke = () => new LambdaClient({}).send(new InvokeCommand({ FunctionName: 'x' }));
  `);
  expect(text).toContain('X-Amz-Invocation-Type');
  expect(text).not.toContain('CreateFunctionRequest');
  expect(bytes).toBeLessThan(300_000);
});

test('who only follows switches carries no words about malformed ones', async () => {
  const { text } = await bundled(`export { Switches } from './lambdas/switches';`);
  expect(text).toContain('Switches');
  expect(text).not.toContain('must be one of');
  const { text: ofReader } = await bundled(`export { readValue } from './lambdas/switches';`);
  expect(ofReader).toContain('must be one of');
});

test('two builds are the same, byte for byte', async () => {
  const directories = ['one', 'other'].map((name) => join(directory, name));
  const [one, other] = await Promise.all(directories.map((outDir) => bundleProcesses(outDir)));
  expect(one?.map(({ file }) => file)).toEqual(['processes/function-process.cjs', 'processes/front-process.cjs']);
  expect(other).toEqual(one);
  for (const { file } of one ?? []) {
    const [first = '', second = ''] = directories.map((outDir) => readFileSync(join(outDir, file), 'utf8'));
    expect(first === second).toBe(true);
    expect(first).toContain('//# sourceMappingURL=');
  }
});

test('certificates that are not there are missed loudly', async () => {
  const { exports } = await bundled(`
    import mysql from 'mysql2';
    export const connect = () => mysql.createConnection({ host: '127.0.0.1', port: 9, ssl: 'Amazon RDS' });
  `);
  const { connect } = exports() as { connect(): unknown };
  expect(() => connect()).toThrow('Certificates are not in the bundle');
});

test('so are those of the Redis client', async () => {
  const { exports } = await bundled(`
    import { Redis } from 'ioredis';
    export const connect = (tls?: object) => new Redis({ lazyConnect: true, ...(tls && { tls }) }).disconnect();
  `);
  const { connect } = exports() as { connect(tls?: object): void };
  expect(() => connect({ profile: 'RedisCloudFixed' })).toThrow('Certificates are not in the bundle');
  expect(() => connect({ ca: '' })).not.toThrow();
  expect(() => connect()).not.toThrow();
});

test.each([
  ['ssm', 'SSMClient', "GetParametersByPathCommand({ Path: '/x' })", 'ParameterNotFound'],
  ['lambda', 'LambdaClient', "InvokeCommand({ FunctionName: 'x' })", 'EC2AccessDeniedException'],
  [
    'secrets-manager',
    'SecretsManagerClient',
    "BatchGetSecretValueCommand({ SecretIdList: ['x'] })",
    'DecryptionFailure',
  ],
])('errors of the client for %s keep their names without their classes', async (client, name, command, error) => {
  const server = createServer((_, response) => {
    response.writeHead(400, { 'content-type': 'application/json', 'x-amzn-errortype': error });
    response.end(JSON.stringify({ __type: error, message: 'why' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { text, file } = await bundled(`
    import { ${name}, ${command.split('(')[0]} } from '@aws-sdk/client-${client}';
    const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
    const settings = { endpoint: 'http://127.0.0.1:${port}', region: 'us-east-1', credentials, maxAttempts: 1 };
    new ${name}(settings).send(new ${command}).catch(({ name, message, $metadata }) => {
      console.log(JSON.stringify({ name, message, status: $metadata.httpStatusCode }));
    });
  `);
  // In a process of its own: the client does not know the buffers of this one's globals.
  const { stdout } = await promisify(execFile)(process.execPath, [file]).finally(() => server.close());
  expect(JSON.parse(stdout)).toEqual({ name: error, message: 'why', status: 400 });
  expect(text.includes(error)).toBe(false);
});

test('names of generated code may hold any letter', async () => {
  const { exports } = await bundled(`
    const generate = require('generate-function');
    export const read = (name: string, row: object) =>
      generate()('function (row) { return %s }', generate().property('row', name)).toFunction()(row);
  `);
  const { read } = exports() as { read(name: string, row: object): unknown };
  for (const name of ['plain', 'größe', 'with space', '0', 'a"b', 'class']) expect(read(name, { [name]: 7 })).toBe(7);
});
