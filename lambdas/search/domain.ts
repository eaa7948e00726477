import type { DomainName } from '../../topology';
import { type Log, type LookupKey, type MemberDocument, type MemberEvent, unavailable, type Version } from '../core';
import { DomainConnection, type Signing } from './connection';
import { within } from './deadline';
import { type IndexNames, indexNames } from './indices';
import { nameMasked, nameWhole } from './lookup-names';
import type { Writing } from './operations';
import { provisionDomain, wrongIndices } from './provision';
import { DomainRanges } from './ranges';
import { changedPage, findMembers, getMember, lookUp, scanPage } from './readers';
import type { Domain, SearchHit, SearchPage, SearchRequest, WriteOutcome } from './types';
import { writeEvents } from './writer';

const PROVISION_TIMEOUT_MS = 120_000;
const WRITE_TIMEOUT_MS = 10_000;
const REFRESH_TIMEOUT_MS = 30_000;
const SCAN_PAGE_TIMEOUT_MS = 10_000;
const SCAN_PAGE_SIZE = 1000;
/** Whole documents: fewer than of a scan. */
const CHANGED_PAGE_SIZE = 500;

/** As many as the largest page holds: such a result is one answer anyway. */
const SMALL_RESULT_HITS = 200;

export interface DomainOptions {
  readonly name: DomainName;
  readonly url: string;
  /** Undefined where requests are not signed. */
  readonly signing?: Signing | undefined;
  /** `masked`: no raw contact data is written to this domain, and look-ups go by keyed hashes. */
  readonly holds: 'whole' | 'masked';
  readonly contactKey: string;
  readonly log: Log;
  /** Copies of each shard beside the first, for indices that `provision` makes; 1 by default. */
  readonly replicas?: number;
  /** Put before the names of the indices, where several systems share a domain; empty by default. */
  readonly indexPrefix?: string;
  /** Up to this many hits are sorted here and not by the engine; 200 by default. */
  readonly smallResultHits?: number;
}

export class SearchDomain implements Domain {
  readonly name: DomainName;
  readonly ranges: DomainRanges;
  readonly #connection: DomainConnection;
  readonly #indices: IndexNames;
  readonly #writing: Writing;
  readonly #log: Log;
  readonly #replicas: number;
  readonly #smallResultHits: number;
  #isProvisioned = false;

  constructor(options: DomainOptions) {
    this.name = options.name;
    this.#connection = new DomainConnection(options.name, options.url, options.signing);
    this.#indices = indexNames(options.indexPrefix ?? '');
    this.#writing = {
      holds: options.holds,
      nameLookup: options.holds === 'masked' ? nameMasked(options.contactKey) : nameWhole,
      indices: this.#indices,
    };
    this.ranges = new DomainRanges(this.#connection, this.#writing, (signal) => this.#requireProvisioned(signal));
    this.#log = options.log;
    this.#replicas = options.replicas ?? 1;
    this.#smallResultHits = options.smallResultHits ?? SMALL_RESULT_HITS;
  }

  provision(): Promise<void> {
    const parts = { connection: this.#connection, names: this.#indices, replicas: this.#replicas, log: this.#log };
    return within(PROVISION_TIMEOUT_MS, (signal) => provisionDomain(parts, signal));
  }

  async write(events: readonly MemberEvent[], timeoutMs = WRITE_TIMEOUT_MS): Promise<readonly WriteOutcome[]> {
    if (events.length === 0) return [];
    return within(timeoutMs, async (signal) => {
      await this.#requireProvisioned(signal);
      return writeEvents(this.#connection, this.#writing, events, signal);
    });
  }

  getMember(memberId: string, timeoutMs: number): Promise<MemberDocument | undefined> {
    return within(timeoutMs, (signal) => getMember(this.#connection, this.#indices.members, memberId, signal));
  }

  lookup(key: LookupKey, timeoutMs: number): Promise<readonly string[]> {
    const parts = {
      connection: this.#connection,
      index: this.#indices.lookups,
      nameLookup: this.#writing.nameLookup,
      log: this.#log,
    };
    return within(timeoutMs, (signal) => lookUp(parts, key, signal, timeoutMs));
  }

  search(request: SearchRequest, timeoutMs: number): Promise<SearchPage> {
    const parts = {
      connection: this.#connection,
      index: this.#indices.members,
      smallResultHits: this.#smallResultHits,
    };
    return within(timeoutMs, (signal) => findMembers(parts, request, signal, timeoutMs));
  }

  async *scan(afterMemberId?: string): AsyncGenerator<{ memberId: string; version: Version }> {
    let after = afterMemberId;
    do {
      const members = await this.#scanPage(after);
      yield* members;
      after = members.length < SCAN_PAGE_SIZE ? undefined : members.at(-1)?.memberId;
    } while (after !== undefined);
  }

  async *changedSince(since: string, afterMemberId?: string): AsyncGenerator<readonly SearchHit[]> {
    let after = afterMemberId;
    do {
      const page = { index: this.#indices.members, since, size: CHANGED_PAGE_SIZE, after };
      const hits = await within(SCAN_PAGE_TIMEOUT_MS, (signal) =>
        changedPage(this.#connection, page, signal, SCAN_PAGE_TIMEOUT_MS),
      );
      if (hits.length > 0) yield hits;
      after = hits.length < CHANGED_PAGE_SIZE ? undefined : hits.at(-1)?.memberId;
    } while (after !== undefined);
  }

  async ping(timeoutMs: number): Promise<void> {
    const path = `/_cluster/health/${Object.values(this.#indices).join(',')}`;
    const query = { local: true, timeout: '0s', filter_path: 'status' };
    const { body } = await within(timeoutMs, (signal) => this.#connection.send({ method: 'GET', path, query }, signal));
    const { status } = body as { status?: string };
    if (status !== 'green' && status !== 'yellow') throw unavailable(`search domain ${this.name} can't answer reads`);
  }

  async refresh(): Promise<void> {
    const path = `/${Object.values(this.#indices).join(',')}/_refresh`;
    const { status } = await within(REFRESH_TIMEOUT_MS, (signal) =>
      this.#connection.send({ method: 'POST', path }, signal),
    );
    if (status !== 200) throw unavailable(`search domain ${this.name} is not provisioned`);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Once for each execution environment: a domain that came back empty would make indices with guessed fields. */
  async #requireProvisioned(signal: AbortSignal): Promise<void> {
    if (this.#isProvisioned) return;
    const wrong = await wrongIndices(this.#connection, this.#indices, signal);
    if (wrong.length > 0) throw unavailable(`search domain ${this.name} is not provisioned: ${wrong.join(', ')}`);
    this.#isProvisioned = true;
  }

  #scanPage(after: string | undefined) {
    return within(SCAN_PAGE_TIMEOUT_MS, (signal) =>
      scanPage(
        this.#connection,
        { index: this.#indices.members, size: SCAN_PAGE_SIZE, after },
        signal,
        SCAN_PAGE_TIMEOUT_MS,
      ),
    );
  }
}
