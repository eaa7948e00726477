import { setTimeout as pause } from 'node:timers/promises';
import { findDifferences, untilQuiet } from '../../support/stores';
import { eventually } from '../../support/system';

const AGREED_WITHIN_MS = 90_000;
const LOOK_AGAIN_MS = 500;

/** Waits until nothing is under way: all stores agree then, and no claim is pending. */
export async function agreement(): Promise<void> {
  await untilQuiet(eventually);
  await eventually(async () => {
    const differences = await findDifferences();
    if (differences.length === 0) return true;
    await pause(LOOK_AGAIN_MS);
    throw new Error(differences.slice(0, 10).join('\n'));
  }, AGREED_WITHIN_MS);
}
