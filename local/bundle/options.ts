import type { BuildOptions } from 'esbuild';
import { smallerLibraries } from './smaller-libraries';

/** How every bundle is built, here and where the functions are deployed: the same bytes run in both. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  minify: true,
  keepNames: false,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  // The ES modules of the AWS clients let unused commands fall away; their CommonJS builds do not.
  mainFields: ['module', 'main'],
  metafile: true,
  logLevel: 'silent',
  plugins: [smallerLibraries],
} as const satisfies BuildOptions;
