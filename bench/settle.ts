import { setTimeout as delay } from 'node:timers/promises';
import { SHARD_MAP } from '../topology';
import type { BareStores } from './bare/stores';
import { cpuTimeUs } from './cpu-time';
import type { MeasuredSystem } from './job';

const LOOK_MS = 100;
const MOST_MS = 8000;
/** Of one core, that the consumers and what they write to may still use. */
const QUIET_SHARE = 0.15;
const CONSUMERS = ['tasks-A', 'tasks-B', 'order', 'standby', 'marketing'];

/**
 * Waits until the events of what was written have arrived everywhere, so that the work that they make falls on no later
 * round; gives up after some seconds, because a busy machine is no reason not to measure.
 */
export async function settle(stores: BareStores, { pids }: MeasuredSystem): Promise<void> {
  const giveUpAtMs = performance.now() + MOST_MS;
  const consumers = CONSUMERS.map((name) => pids[name] ?? 0);
  const usedUs = () => consumers.reduce((sum, pid) => sum + cpuTimeUs(pid), 0);
  while (performance.now() < giveUpAtMs) {
    const [beforeUs, startMs] = [usedUs(), performance.now()];
    await delay(LOOK_MS);
    const share = (usedUs() - beforeUs) / ((performance.now() - startMs) * 1000);
    if (share < QUIET_SHARE && (await owedEvents(stores)) === 0) return;
  }
}

async function owedEvents(stores: BareStores): Promise<number> {
  const schemas = SHARD_MAP.filter(({ unit }) => unit === 'a1').map(({ schema }) => schema);
  const counts = schemas.map((schema) => `(SELECT COUNT(*) FROM \`${schema}\`.outbox)`);
  const [row] = await stores.query(`SELECT ${counts.join(' + ')} AS owed`);
  return Number(row?.owed);
}
