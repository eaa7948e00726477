import { setTimeout as pause } from 'node:timers/promises';
import { countMessages, countOutbox, findDifferences } from './stores';
import { eventually } from './system';

const QUIET_WITHIN_MS = 120_000;
const AGREED_WITHIN_MS = 90_000;
/** Reading all stores is work for them, too. */
const LOOK_AGAIN_MS = 500;

/** Waits until nothing is under way: all stores agree then, and no claim is pending. */
export async function untilStoresAgree(
  timeoutMs = AGREED_WITHIN_MS,
  mayHaveLost?: (memberId: string) => boolean,
): Promise<void> {
  await eventually(async () => (await countOutbox()) === 0 && (await countMessages('queues')) === 0, QUIET_WITHIN_MS);
  await eventually(async () => {
    const differences = await findDifferences(mayHaveLost);
    if (differences.length === 0) return true;
    await pause(LOOK_AGAIN_MS);
    throw new Error(`stores differ:\n${differences.slice(0, 10).join('\n')}`);
  }, timeoutMs);
}
