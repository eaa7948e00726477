import { Pool } from 'undici';
import { TRAFFIC_CLASSES } from '../../topology';
import type { HttpRequest } from '../job';
import { mixOf, type Rates, type StormSource, type StormTarget } from './storm';

/** As many as the closed loop of the other measurements. */
const CLIENTS = 32;

/**
 * Requests a second that are answered well, of a mix of classes, by a fixed number of clients each of which sends again as
 * soon as it was answered.
 *
 * @param shares of each class, 1 in all
 */
export async function capacity(
  target: StormTarget,
  { shares, seconds, ...source }: StormSource & { readonly shares: Rates; readonly seconds: number },
): Promise<number> {
  const next = mixed(target, shares, source);
  const pool = new Pool(target.url, { connections: CLIENTS, pipelining: 1 });
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let answered = 0;
  const client = async () => {
    while (performance.now() < endMs) if (await isAnswered(pool, next())) answered += 1;
  };
  try {
    await Promise.all(Array.from({ length: CLIENTS }, client));
    return (answered * 1000) / (performance.now() - startMs);
  } finally {
    await pool.destroy();
  }
}

async function isAnswered(pool: Pool, request: HttpRequest): Promise<boolean> {
  const { statusCode, body } = await pool.request({ ...request, headers: { ...request.headers } });
  await body.dump();
  return statusCode >= 200 && statusCode < 300;
}

function mixed(target: StormTarget, shares: Rates, { members, random }: StormSource): () => HttpRequest {
  const mixes = TRAFFIC_CLASSES.map((name) => ({ share: shares[name], mix: mixOf(name, target, members, random) }));
  const [first] = mixes;
  if (first === undefined) throw new Error('there is no class');
  return () => {
    let drawn = random();
    const found = mixes.find(({ share }) => {
      drawn -= share;
      return drawn < 0;
    });
    return (found ?? first).mix.next();
  };
}
