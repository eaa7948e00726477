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
    file: /[\\/]iconv-lite[\\/]encodings[\\/](dbcs-codec|dbcs-data|sbcs-codec|sbcs-data|sbcs-data-generated|utf7)\.js$/,
    contents: () => 'module.exports = {};',
  },
  { file: /[\\/]mysql2[\\/]lib[\\/]constants[\\/]errors\.js$/, contents: packedErrorNames },
  { file: /[\\/]@ioredis[\\/]commands[\\/]built[\\/]commands\.json$/, contents: packed },
  { file: /[\\/]lambdas[\\/]handlers[\\/]http[\\/]openapi\.json$/, contents: packed },
  {
    file: /[\\/]mysql2[\\/]lib[\\/]constants[\\/]ssl_profiles\.js$/,
    contents: () => `Object.defineProperty(exports, 'Amazon RDS', {
      get() { throw new Error("Certificates are not in the bundle: pass ssl.ca, or NODE_EXTRA_CA_CERTS"); },
    });`,
  },
  // Each error of a service is a class and a schema. We ask for none by its class, and one that is not known keeps its name.
  {
    file: /[\\/]client-(lambda|secrets-manager|sns|ssm)[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/,
    contents: (path) => readFileSync(path, 'utf8').replaceAll(ERROR_SCHEMA, ''),
  },
  {
    file: /[\\/]opensearch[\\/]api[\\/]\w+[\\/]_api\.js$/,
    contents: (path) => (SEARCH_GROUPS.includes(basename(dirname(path))) ? undefined : 'module.exports = class {};'),
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
  {
    file: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/,
    contents: () => "export { default as en } from './en.js';",
  },
];

const load = createRequire(__filename);

/** A table that is data alone, compressed: together they would be an eighth of a bundle. */
function packed(path: string): string {
  return `module.exports = ${packedValue(load(path))};`;
}

/** The two-way table of server errors, from its names alone. */
function packedErrorNames(path: string): string {
  const table = load(path) as Readonly<Record<string, string | number>>;
  const names = Object.entries(table).filter(([, value]) => typeof value === 'string');
  const numbers = Object.entries(table).filter(
    ([name, number]) => typeof number === 'number' && table[number] !== name,
  );
  return `Object.assign(exports, ${packedValue(Object.fromEntries(names))});
    for (const number of Object.keys(exports)) exports[exports[number]] = Number(number);
    Object.assign(exports, ${JSON.stringify(Object.fromEntries(numbers))});`;
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
