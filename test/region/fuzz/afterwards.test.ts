import { findDifferences, readClaims, untilQuiet } from '../support/stores';
import { eventually } from '../support/system';

test('whatever was sent, all stores agree, and no claim is pending', async () => {
  await untilQuiet(eventually);
  await eventually(async () => {
    const pending = (await readClaims()).filter(({ state }) => state === 'pending');
    const differences = await findDifferences();
    if (pending.length > 0 || differences.length > 0) {
      throw new Error(JSON.stringify({ pending, differences: differences.slice(0, 10) }));
    }
    return true;
  }, 90_000);
}, 300_000);
