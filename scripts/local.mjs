import { assertNode, installDependencies, runTypeScript } from './run-ts.mjs';

assertNode();
installDependencies();
await runTypeScript('local/cli.ts', process.argv.slice(2));
