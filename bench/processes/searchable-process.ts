import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import type { SearchableFigures } from '../figures';
import { type BenchMember, type HttpRequest, type Job, readJob } from '../job';
import { at } from '../paths/request-path';
import { reply, runChild } from './child';

/**
 * Writes begin this far apart, with a part by chance, so that they fall on every moment between two refreshes. Each is
 * searched for until it is found: were they closer together, that would be a load of its own, and what was measured.
 */
const PAUSE_MS = 250;
const PAUSE_SPREAD_MS = 400;
const POLL_MS = 15;
const GIVE_UP_MS = 30_000;
const CONNECTIONS = 64;
const PROGRESS_EVERY = 50;

type SearchedClass = 'order' | 'other';

class Searching {
  readonly #pool: Pool;
  readonly #members: readonly BenchMember[];
  readonly #job: Job;
  readonly latenciesMs: Record<SearchedClass, number[]> = { order: [], other: [] };
  missing = 0;

  constructor(job: Job) {
    this.#job = job;
    this.#pool = new Pool(job.system.api, { connections: CONNECTIONS, pipelining: 1 });
    this.#members = JSON.parse(readFileSync(job.dataset, 'utf8')) as BenchMember[];
  }

  async run(): Promise<SearchableFigures> {
    const { searchableWrites } = this.#job.pace;
    const pending: Promise<void>[] = [];
    for (let index = 0; index < searchableWrites; index += 1) {
      pending.push(this.#write(index, index % 2 === 0 ? 'order' : 'other'));
      if (index % PROGRESS_EVERY === 0) reply({ kind: 'progress', text: `write ${index} of ${searchableWrites}` });
      await delay(PAUSE_MS + Math.random() * PAUSE_SPREAD_MS);
    }
    await Promise.all(pending);
    await this.#pool.destroy();
    return { latenciesMs: this.latenciesMs, missing: this.missing };
  }

  async #write(index: number, trafficClass: SearchedClass): Promise<void> {
    const { write, search } = trafficClass === 'order' ? this.#byPhone(index) : this.#byTag(index);
    const written = await this.#send(write);
    const answeredMs = performance.now();
    if (written?.version === undefined) {
      this.missing += 1;
      return;
    }
    while (performance.now() - answeredMs < GIVE_UP_MS) {
      const found = (await this.#send(search)) as { items?: { version: string }[] } | undefined;
      if (found?.items?.some(({ version }) => BigInt(version) >= BigInt(written.version as string))) {
        this.latenciesMs[trafficClass].push(performance.now() - answeredMs);
        return;
      }
      await delay(POLL_MS);
    }
    this.missing += 1;
  }

  /** Class order is searched by profile key. */
  #byPhone(index: number): { write: HttpRequest; search: HttpRequest } {
    const digits = String(Number.parseInt(this.#job.run, 36) % 1_000_000_000).padStart(9, '0');
    const phone = `+1${digits}${String(index).padStart(4, '0')}`;
    const search = `/v1/order/members?phone=${encodeURIComponent(phone)}`;
    return { write: this.#patch('order', index, { phone }), search: this.#request('GET', search) };
  }

  #byTag(index: number): { write: HttpRequest; search: HttpRequest } {
    const tag = `bench-${this.#job.run}-${index}`;
    const search = this.#request('POST', '/v1/other/members/search', { filter: { tags: tag }, limit: 1 });
    return { write: this.#patch('other', index, { tags: [tag] }), search };
  }

  #patch(trafficClass: SearchedClass, index: number, change: object): HttpRequest {
    const { memberId } = at(this.#members, index);
    return this.#request('PATCH', `/v1/${trafficClass}/members/${memberId}`, change);
  }

  #request(method: HttpRequest['method'], path: string, body?: object): HttpRequest {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return {
      method,
      path,
      headers: { 'x-api-key': this.#job.system.apiKey, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
  }

  /** @returns the body of a good answer */
  async #send({ method, path, headers, body }: HttpRequest): Promise<Record<string, unknown> | undefined> {
    const answer = await this.#pool.request({ method, path, headers, ...(body === undefined ? {} : { body }) });
    const text = await answer.body.text();
    return answer.statusCode === 200 ? (JSON.parse(text) as Record<string, unknown>) : undefined;
  }
}

runChild(() => new Searching(readJob()).run());
