import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import type { Plugin } from 'esbuild';

interface Replacement {
  readonly file: RegExp;
  /** What stands there instead; undefined leaves the file as it is. */
  readonly contents: (path: string) => string | undefined;
}

/** Groups of the OpenSearch API that remain; the others (security, machine learning, ...) are for its operators. */
const SEARCH_GROUPS = ['cat', 'cluster', 'http', 'indices', 'nodes', 'tasks'];

/**
 * What no function of ours reaches, by the file that holds it. Whoever reaches it nevertheless gets an error, not
 * another result: an unknown encoding, a missing certificate, a method that is not there.
 *
 * mysql2 decodes utf8mb4, binary and latin1 without iconv-lite, and utf8mb3 by code of iconv-lite that stays; the
 * tables that go serve connections with other character sets.
 */
const REPLACEMENTS: readonly Replacement[] = [
  {
    file: /[\\/]iconv-lite[\\/]encodings[\\/](dbcs-data|sbcs-data-generated)\.js$/,
    contents: () => 'module.exports = {};',
  },
  { file: /[\\/]mysql2[\\/]lib[\\/]constants[\\/]errors\.js$/, contents: packedErrorNames },
  {
    file: /[\\/]mysql2[\\/]lib[\\/]constants[\\/]ssl_profiles\.js$/,
    contents: () => `Object.defineProperty(exports, 'Amazon RDS', {
      get() { throw new Error("Certificates are not in the bundle: pass ssl.ca, or NODE_EXTRA_CA_CERTS"); },
    });`,
  },
  {
    file: /[\\/]opensearch[\\/]api[\\/]\w+[\\/]_api\.js$/,
    contents: (path) => (SEARCH_GROUPS.includes(basename(dirname(path))) ? undefined : 'module.exports = class {};'),
  },
  {
    file: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/,
    contents: () => "export { default as en } from './en.js';",
  },
];

const load = createRequire(__filename);

/** The two-way table of server errors, with each name written once: it is a tenth of a bundle otherwise. */
function packedErrorNames(path: string): string {
  const table = load(path) as Readonly<Record<string, string | number>>;
  const entries = Object.entries(table);
  const pairs = (type: 'string' | 'number') =>
    entries.filter(([, value]) => typeof value === type).map(([key, value]) => [key, value] as const);
  const names = pairs('string').map(([number, name]) => `${number} ${name}`);
  const known = new Set(names);
  const aliases = pairs('number').filter(([name, number]) => !known.has(`${number} ${name}`));
  return `for (const line of ${JSON.stringify(names.join('\n'))}.split('\\n')) {
      const [number, name] = line.split(' ');
      exports[number] = name;
      exports[name] = Number(number);
    }
    Object.assign(exports, ${JSON.stringify(Object.fromEntries(aliases))});`;
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
