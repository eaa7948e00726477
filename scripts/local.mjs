import { installDependencies } from './packages.mjs';
import { assertNode, runTypeScript } from './run-ts.mjs';

assertNode();
installDependencies();
await runTypeScript('local/cli.ts', process.argv.slice(2));
