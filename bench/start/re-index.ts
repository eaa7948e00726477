import type { ReIndexFigures } from '../figures';
import type { MeasuredSystem } from '../job';
import { type ChildSettings, MeasurementFailed } from './bench-child';
import { runCommand } from './command';

const DOMAIN = 'order';
const INDICES = ['members', 'lookups'] as const;
const BARE_PREFIX = 'bench-';
const MOST_DOCUMENTS = 10_000;
/** Documents of one request, as a client would send them that has nothing else to do. */
const BULK_DOCUMENTS = 500;

interface Hit {
  readonly _id: string;
  readonly _routing?: string;
  readonly _source: object;
}

/** A domain that has lost its indices gets them back from the rows, beside the engine's own bulk rate. */
export async function measureReIndex({ job, signal, onProgress }: ChildSettings): Promise<ReIndexFigures> {
  const { system } = job;
  const domain = new DomainUnderTest(system.domain, signal);
  const kept = await Promise.all(INDICES.map((index) => domain.everything(index)));
  const members = kept[0]?.length ?? 0;
  onProgress(`${members} members by the engine's own bulk calls`);
  const bareMs = await domain.bulkAll(kept);
  onProgress('the same from the rows');
  await Promise.all(INDICES.map((index) => domain.call('DELETE', `/${index}`)));
  const start = await runCommand(['cli/twinkeep.ts', 'id', '1'], signal);
  const mended = await reconcile(system, [], signal);
  const checked = await reconcile(system, ['--check'], signal);
  const perS = (elapsedMs: number) =>
    elapsedMs > start.elapsedMs ? (members * 1000) / (elapsedMs - start.elapsedMs) : undefined;
  return {
    members,
    writtenPerS: perS(mended.elapsedMs),
    comparedPerS: perS(checked.elapsedMs),
    barePerS: (members * 1000) / bareMs,
  };
}

async function reconcile(
  { directory }: MeasuredSystem,
  options: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly elapsedMs: number }> {
  const words = ['cli/twinkeep.ts', 'reconcile', DOMAIN, '--quiet', '--json', '--anew', '--directory', directory];
  const { elapsedMs, output } = await runCommand([...words, ...options], signal);
  const { status } = JSON.parse(output) as { status: string };
  if (status !== 'done') throw new MeasurementFailed(`reconcile ended as ${status}`);
  return { elapsedMs };
}

class DomainUnderTest {
  constructor(
    private readonly url: string,
    private readonly signal: AbortSignal,
  ) {}

  async everything(index: string): Promise<readonly Hit[]> {
    await this.call('POST', `/${index}/_refresh`);
    const { hits } = (await this.call('GET', `/${index}/_search?size=${MOST_DOCUMENTS}`)) as { hits: { hits: Hit[] } };
    return hits.hits;
  }

  /** Into indices of the same mapping, which are removed again. @returns milliseconds */
  async bulkAll(kept: readonly (readonly Hit[])[]): Promise<number> {
    for (const index of INDICES) await this.makeLike(index);
    const startMs = performance.now();
    for (const [at, index] of INDICES.entries()) await this.bulk(BARE_PREFIX + index, kept[at] ?? []);
    const elapsedMs = performance.now() - startMs;
    for (const index of INDICES) await this.call('DELETE', `/${BARE_PREFIX}${index}`);
    return elapsedMs;
  }

  async call(method: string, path: string, body?: string): Promise<unknown> {
    const type = path === '/_bulk' ? 'application/x-ndjson' : 'application/json';
    const response = await fetch(this.url + path, {
      method,
      signal: this.signal,
      headers: { 'content-type': type },
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok) throw new MeasurementFailed(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  private async makeLike(index: string): Promise<void> {
    const found = (await this.call('GET', `/${index}`)) as Record<string, IndexDescription>;
    const [described] = Object.values(found);
    if (described === undefined) throw new MeasurementFailed(`there is no index ${index}`);
    const { number_of_shards, number_of_replicas } = described.settings.index;
    const settings = { index: { number_of_shards, number_of_replicas } };
    await this.call('PUT', `/${BARE_PREFIX}${index}`, JSON.stringify({ settings, mappings: described.mappings }));
  }

  private async bulk(index: string, hits: readonly Hit[]): Promise<void> {
    for (let from = 0; from < hits.length; from += BULK_DOCUMENTS) {
      const lines = hits.slice(from, from + BULK_DOCUMENTS).flatMap(({ _id, _routing, _source }) => {
        const routing = _routing === undefined ? {} : { routing: _routing };
        return [JSON.stringify({ index: { _index: index, _id, ...routing } }), JSON.stringify(_source)];
      });
      const { errors } = (await this.call('POST', '/_bulk', `${lines.join('\n')}\n`)) as { errors: boolean };
      if (errors) throw new MeasurementFailed(`${index} refused documents`);
    }
  }
}

interface IndexDescription {
  readonly settings: { readonly index: { readonly number_of_shards: string; readonly number_of_replicas: string } };
  readonly mappings: object;
}
