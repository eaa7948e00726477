#!/usr/bin/env node
import { pathToFileURL } from 'node:url';
import { bundled } from '../scripts/bundled.mjs';
import { installDependencies, ROOT } from '../scripts/packages.mjs';
import { assertNode, runTypeScript } from '../scripts/run-ts.mjs';

const COMMAND = 'cli/twinkeep.ts';

assertNode();
installDependencies();
// The AWS clients announce the end of Node 20 at every start.
process.removeAllListeners('warning');
// Where nothing can be kept, the files are run one by one.
const bundle = await bundled(ROOT, COMMAND).catch(() => undefined);
if (bundle === undefined) await runTypeScript(COMMAND, process.argv.slice(2));
else await import(pathToFileURL(bundle).href);
