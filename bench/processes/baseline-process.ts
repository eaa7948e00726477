import { readFileSync } from 'node:fs';
import { createBaseline } from '../baseline/service';
import { BaselineStore } from '../baseline/store';
import { type BenchMember, readJob } from '../job';
import { reply } from './child';

async function start(): Promise<void> {
  const { system, dataset } = readJob();
  const store = new BaselineStore(system);
  await store.fill(JSON.parse(readFileSync(dataset, 'utf8')) as BenchMember[]);
  const app = createBaseline(store);
  const url = await app.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  reply({ kind: 'result', value: { url } });
}

process.once('disconnect', () => process.exit(0));
start().catch((error: unknown) => {
  reply({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? '') : String(error) });
});
