/** `npm run costs`: writes what the named stages cost into the document of the deployment. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STAGES } from '../lib/configuration';
import { costsText, planOf, readPrices, replaceCosts } from '../lib/plan';

const ROOT = join(__dirname, '..');
const FILE = join(ROOT, 'docs', 'deploy.md');

const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
const plans = Object.values(STAGES).map((stage) => planOf(stage, context, readPrices()));
writeFileSync(FILE, replaceCosts(readFileSync(FILE, 'utf8'), costsText(plans)));
