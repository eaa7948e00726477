import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Plugin } from 'esbuild';

interface Replacement {
  readonly file: RegExp;
  /** What stands there instead; undefined leaves the file as it is. */
  readonly contents: (path: string) => string | undefined;
}

/** Groups of the OpenSearch API that remain; the others (security, machine learning, ...) are for its operators. */
const SEARCH_GROUPS = ['cat', 'cluster', 'http', 'indices', 'nodes', 'tasks'];

/** An error of a service as its client describes it, and tells its registry. */
const ERROR_SCHEMA = /^export var \w+\$ = \[-3, n0,[^;]*;\nn0_registry\.registerError\(.*\);$/gm;

/**
 * What no function of ours reaches, by the file that holds it. Whoever reaches it nevertheless gets an error, not
 * another result: an unknown encoding, a missing certificate, a method that is not there.
 */
const REPLACEMENTS: readonly Replacement[] = [
  // mysql2 decodes utf8mb4, binary and latin1 by itself; what stays of iconv-lite serves utf8mb3 and UTF-16.
  {
    file: /[\\/]iconv-lite[\\/]encodings[\\/](dbcs-codec|dbcs-data|sbcs-codec|sbcs-data|sbcs-data-generated|utf32|utf7)\.js$/,
    contents: () => 'module.exports = {};',
  },
  { file: /[\\/]mysql2[\\/]lib[\\/]constants[\\/]errors\.js$/, contents: packedErrorNames },
  { file: /[\\/]@ioredis[\\/]commands[\\/]built[\\/]commands\.json$/, contents: commandsInUse },
  { file: /[\\/]ioredis[\\/]built[\\/]constants[\\/]TLSProfiles\.js$/, contents: withoutCertificates },
  { file: /[\\/]lambdas[\\/]handlers[\\/]http[\\/]openapi\.json$/, contents: packedUntilAsked },
  {
    file: /[\\/]mysql2[\\/]lib[\\/]constants[\\/]ssl_profiles\.js$/,
    contents: () => `Object.defineProperty(exports, 'Amazon RDS', {
      get() { throw new Error("Certificates are not in the bundle: pass ssl.ca, or NODE_EXTRA_CA_CERTS"); },
    });`,
  },
  { file: /[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/, contents: schemasThatFallAway },
  {
    file: /[\\/]opensearch[\\/]api[\\/]\w+[\\/]_api\.js$/,
    contents: (path) => (SEARCH_GROUPS.includes(basename(dirname(path))) ? undefined : 'module.exports = class {};'),
  },
  // Asked for its version.
  {
    file: /[\\/]opensearch[\\/]package\.json$/,
    contents: (path) => `exports.version = ${JSON.stringify((load(path) as { version: string }).version)};`,
  },
  // We say whose credentials sign. What finds some by itself loads clients while it runs, and would keep them whole.
  {
    file: /[\\/]opensearch[\\/]lib[\\/]aws[\\/]AwsSigv4Signer-sdk-v3\.js$/,
    contents: () => "module.exports = require('./shared').giveAwsV4Signer(undefined);",
  },
  // Names that are no plain identifier are quoted in generated code: right for all of them, without a table of letters.
  {
    file: /[\\/]is-property[\\/]is-property\.js$/,
    contents: () => 'module.exports = (name) => /^[A-Za-z_$][A-Za-z_$0-9]*$/.test(name);',
  },
  // Functions have their credentials in their environment; profiles, sign-on and metadata are for other places.
  {
    file: /[\\/]credential-provider-node[\\/]dist-es[\\/]defaultProvider\.js$/,
    contents: () => `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
      export const credentialsWillNeedRefresh = (credentials) => credentials?.expiration !== undefined;
      export const credentialsTreatedAsExpired = (credentials) =>
        credentials?.expiration !== undefined && credentials.expiration.getTime() - Date.now() < 300000;`,
  },
];

const load = createRequire(__filename);

/** Profiles of one hosting company's certificates. */
function withoutCertificates(path: string): string {
  const names = Object.keys(load(path).default);
  return `const get = () => { throw new Error('Certificates are not in the bundle: pass tls.ca'); };
    exports.default = Object.defineProperties({}, { ${names.map((name) => `${name}: { get }`).join()} });`;
}

/** Clients whose errors we ask for by no class: one that is not known keeps its name. */
const WITHOUT_ERRORS = /[\\/]client-(lambda|secrets-manager|ssm)[\\/]/;
const KEY_BY_NAME = /\[(_\w+)\]: /g;

/**
 * Schemas of a service, each of which falls away where no command in use leads to it. As they are published all stay,
 * because a key that is a variable may be anything to whoever looks for effects: here it is the text itself.
 */
function schemasThatFallAway(path: string): string {
  const source = readFileSync(path, 'utf8');
  const names = new Map([...source.matchAll(/^const (_\w+) = ("[^"\n]*");$/gm)].map(([, name, text]) => [name, text]));
  const literal = source.replaceAll(KEY_BY_NAME, (key, name) => (names.has(name) ? `${names.get(name)}: ` : key));
  return WITHOUT_ERRORS.test(path) ? literal.replaceAll(ERROR_SCHEMA, '') : literal;
}

/** What the cache asks for, and what the client asks for by itself. The client makes a method of each. */
export const COMMANDS: readonly string[] = [
  ...['get', 'set', 'del', 'zrem', 'zrange', 'scan', 'dbsize', 'ping', 'eval', 'evalsha'],
  ...['auth', 'hello', 'client', 'cluster', 'asking', 'info', 'readonly', 'readwrite', 'select', 'quit'],
  ...['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe', 'multi', 'exec'],
];

function commandsInUse(path: string): string {
  const all = load(path) as Readonly<Record<string, unknown>>;
  return `module.exports = ${JSON.stringify(Object.fromEntries(COMMANDS.map((name) => [name, all[name]])))};`;
}

/** Data alone, compressed until it is asked for. */
function packedUntilAsked(path: string): string {
  return `let value;
    exports.__esModule = true;
    Object.defineProperty(exports, 'default', { enumerable: true, get: () => (value ??= ${packedValue(load(path))}) });`;
}

/** The two-way table of server errors, from its names alone; unpacked when the first error is met. */
function packedErrorNames(path: string): string {
  const table = load(path) as Readonly<Record<string, string | number>>;
  const names = Object.entries(table).filter(([, value]) => typeof value === 'string');
  const numbers = Object.entries(table).filter(
    ([name, number]) => typeof number === 'number' && table[number] !== name,
  );
  return `let table;
    const unpacked = () => {
      table = ${packedValue(Object.fromEntries(names))};
      for (const number of Object.keys(table)) table[table[number]] = Number(number);
      return Object.assign(table, ${JSON.stringify(Object.fromEntries(numbers))});
    };
    module.exports = new Proxy({}, { get: (_none, key) => (table ?? unpacked())[key] });`;
}

function packedValue(value: unknown): string {
  const bytes = brotliCompressSync(JSON.stringify(value));
  const decoded = `require('node:zlib').brotliDecompressSync(Buffer.from('${bytes.toString('base64')}', 'base64'))`;
  return `JSON.parse(${decoded}.toString('utf8'))`;
}

/** Leaves out of a bundle what of its libraries cannot be reached. */
export const smallerLibraries: Plugin = {
  name: 'smaller-libraries',
  setup(build) {
    for (const { file, contents } of REPLACEMENTS) {
      build.onLoad({ filter: file }, ({ path }) => {
        const replaced = contents(path);
        return replaced === undefined ? undefined : { contents: replaced, loader: 'js' };
      });
    }
  },
};
