import { setTimeout as delay } from 'node:timers/promises';
import { openParameterStore } from '../../lambdas/switches';
import { REGIONS, TRAFFIC_CLASSES } from '../../topology';
import type { PropagationFigures } from '../figures';
import { type ChildSettings, MeasurementFailed } from './bench-child';

const SWITCH = 'regions/B';
/** `/health` says which of them a function goes by: 200 or 503. */
const VALUES = [
  { value: 'draining', status: 503 },
  { value: 'active', status: 200 },
] as const;
const STAGE = 'local';
const LOOK_EVERY_MS = 20;
const WITHIN_MS = 30_000;

/**
 * How long it takes until a function goes by a switch that was overwritten in the store of the other region, which every
 * tool can do. Each class has a function of its own; each is asked by itself.
 */
export async function measurePropagation({ job, signal, onProgress }: ChildSettings): Promise<PropagationFigures> {
  const { system, pace } = job;
  process.env.AWS_ACCESS_KEY_ID = system.aws.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = system.aws.secretAccessKey;
  const store = openParameterStore({ region: 'A', stage: STAGE, endpoint: system.aws.endpoint });
  const latenciesMs: number[] = [];
  try {
    for (let turn = 0; turn < pace.switchTurns; turn += 1) {
      const { value, status } = VALUES[turn % VALUES.length] ?? VALUES[0];
      signal.throwIfAborted();
      const startMs = performance.now();
      await store.put(SWITCH, JSON.stringify(value));
      const urls = TRAFFIC_CLASSES.map((name) => `${system.apis.B}/v1/${name}/health`);
      latenciesMs.push(...(await Promise.all(urls.map((url) => untilAnswered(url, status, startMs, signal)))));
    }
  } finally {
    // What stands at the end is what stood before.
    await store.put(SWITCH, JSON.stringify('active'));
    store.close();
  }
  onProgress(`${latenciesMs.length} times a function followed`);
  return { functions: TRAFFIC_CLASSES.length, regions: REGIONS.length, latenciesMs };
}

async function untilAnswered(url: string, status: number, startMs: number, signal: AbortSignal): Promise<number> {
  for (;;) {
    const answer = await fetch(url, { signal });
    await answer.arrayBuffer();
    const elapsedMs = performance.now() - startMs;
    if (answer.status === status) return elapsedMs;
    if (elapsedMs > WITHIN_MS) throw new MeasurementFailed(`${url} did not answer ${status} within ${WITHIN_MS} ms`);
    await delay(LOOK_EVERY_MS);
  }
}
