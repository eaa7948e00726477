import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openapiDocument } from './openapi/document';

const ROOT = join(__dirname, '..');
const FILE = 'lambdas/handlers/http/openapi.json';

writeFileSync(join(ROOT, FILE), `${JSON.stringify(openapiDocument(), null, 2)}\n`);
execFileSync('npx', ['biome', 'format', '--write', FILE], { cwd: ROOT, stdio: 'inherit' });
