/**
 * Several syntheses in one process, which share what the CDK loads for its validation, and bundles that are built already:
 * `synthesise.ts <directory of bundles> <JSON of what to synthesise>`.
 */
import { App } from 'aws-cdk-lib';
import { bundlesIn } from '../../../lib/bundles';
import { readStage } from '../../../lib/configuration';
import { buildSystem } from '../../../lib/system';

export interface Wanted {
  /** As it is told to the CDK. */
  readonly stage: string;
  readonly outdir: string;
}

const [, , bundles = '', wanted = '[]'] = process.argv;
for (const { stage, outdir } of JSON.parse(wanted) as Wanted[]) {
  const app = new App({ analyticsReporting: false, outdir });
  buildSystem(app, readStage(stage), bundlesIn(bundles));
  app.synth();
}
