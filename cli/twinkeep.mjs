#!/usr/bin/env node
import { assertNode, installDependencies, runTypeScript } from '../scripts/run-ts.mjs';

assertNode();
installDependencies();
await runTypeScript('cli/twinkeep.ts', process.argv.slice(2));
