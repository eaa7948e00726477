import { randomUUID } from 'node:crypto';
import type { Log } from '../../../lambdas/core';
import { createDomain, type Domain, type DomainOptions } from '../../../lambdas/search';
import { withStarted } from '../../support/together';

export const CONTACT_KEY = 'a key that only tests have';
export const TIMEOUT_MS = 10_000;

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Address of a real engine; every domain of a test has indices of its own in it. */
export function engineUrl(): string {
  const url = process.env.TWINKEEP_TEST_SEARCH;
  if (url === undefined) throw new Error('TWINKEEP_TEST_SEARCH must be the address of an OpenSearch engine');
  return url;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the engine answers
  readonly body: any;
}

/** Asks the engine behind the room's back. */
export async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${engineUrl()}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

export interface TestDomain {
  readonly domain: Domain;
  readonly members: string;
  readonly lookups: string;
  /** The same indices, seen by another execution environment. */
  again(options?: Partial<DomainOptions>): Domain;
  remove(): Promise<void>;
}

/** A domain that nobody provisioned yet. */
export function bareDomain(options: Partial<DomainOptions> = {}): TestDomain {
  const indexPrefix = `test-${randomUUID().slice(0, 8)}-`;
  const domains: Domain[] = [];
  const again = (changed: Partial<DomainOptions> = {}) => {
    const domain = createDomain({
      name: 'order',
      url: engineUrl(),
      holds: 'whole',
      contactKey: CONTACT_KEY,
      log: silent,
      replicas: 0,
      indexPrefix,
      ...options,
      ...changed,
    });
    domains.push(domain);
    return domain;
  };
  return {
    domain: again(),
    members: `${indexPrefix}members`,
    lookups: `${indexPrefix}lookups`,
    again,
    async remove() {
      await Promise.all(domains.map((domain) => domain.close()));
      await ask('DELETE', `/${indexPrefix}members,${indexPrefix}lookups?ignore_unavailable=true`);
    },
  };
}

export async function openDomain(options: Partial<DomainOptions> = {}): Promise<TestDomain> {
  const opened = bareDomain(options);
  return withStarted(opened, async () => {
    await opened.domain.provision();
    return opened;
  });
}

export interface Stored {
  readonly id: string;
  readonly version: number;
  readonly routing?: string;
  readonly source: unknown;
}

/** Every document of an index, in the order of ids. */
export async function contents(index: string): Promise<Stored[]> {
  await ask('POST', `/${index}/_refresh`);
  const { body } = await ask('POST', `/${index}/_search`, {
    size: 10_000,
    version: true,
    query: { match_all: {} },
  });
  const stored: Stored[] = body.hits.hits.map(
    // biome-ignore lint/suspicious/noExplicitAny: as above
    (hit: any): Stored => ({ id: hit._id, version: hit._version, routing: hit._routing, source: hit._source }),
  );
  return stored.sort((a, b) => (a.id < b.id ? -1 : 1));
}
