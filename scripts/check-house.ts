import { join } from 'node:path';
import { checkHouse, describe } from './house';
import { readRepository } from './house/repository';

const violations = checkHouse(readRepository(join(__dirname, '..')));
for (const violation of violations) console.error(describe(violation));
if (violations.length > 0) {
  console.error(`\n${violations.length} rules of the house are broken.`);
  process.exitCode = 1;
} else {
  console.log('The house is in order.');
}
