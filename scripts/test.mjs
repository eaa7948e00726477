// `npm test [-- jest arguments]`: installs the packages if they are missing, then runs scripts/test.ts.
import { installDependencies } from './packages.mjs';
import { assertNode, runTypeScript } from './run-ts.mjs';

assertNode();
installDependencies();
await runTypeScript('scripts/test.ts', process.argv.slice(2));
