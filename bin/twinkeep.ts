/** The CDK app: one stage of the system, in both regions. `npx cdk deploy '**' -c stage=small` */
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildBundles } from '../lib/bundles';
import { readStage, WrongConfiguration } from '../lib/configuration';
import { buildSystem } from '../lib/system';
import { HANDLERS } from '../topology';

async function main(): Promise<void> {
  const app = new App({ analyticsReporting: false });
  const stage = readStage(app.node.tryGetContext('stage'));
  buildSystem(app, stage, await buildBundles(join(app.outdir, 'bundles'), HANDLERS));
  app.synth();
}

main().catch((error: unknown) => {
  console.error(error instanceof WrongConfiguration ? error.message : error);
  process.exitCode = 1;
});
