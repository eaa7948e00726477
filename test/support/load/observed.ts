import type { Region } from '../../../topology';
import { apiClient, type Client, type Outcome } from '../history';
import { type Need, needText } from './needs';

/** Refusals that say that something is down, or under way. */
const NOT_NOW = new Set(['UNAVAILABLE', 'SHED', 'STOPPED', 'IDEMPOTENCY_IN_PROGRESS', 'UNDECIDED']);

/** Whether a call was not served now, though it might have been. */
export function isNotServed(outcome: Outcome): outcome is Exclude<Outcome, { kind: 'ok' }> {
  return outcome.kind === 'unknown' || (outcome.kind === 'refused' && NOT_NOW.has(outcome.code));
}

/** What was answered since some moment, and whether all of it was honest. */
export class Observed {
  readonly #served = new Set<string>();
  readonly #counts = new Map<string, number>();
  /** Each reason once, with how often it was there, and the first time. */
  readonly #dishonest = new Map<string, { readonly first: string; times: number }>();
  #cut: readonly Region[] = [];
  #total = 0;
  #failedSince = 0;
  #beganAtMs = performance.now();

  /** From now on only calls that begin later count as served; connections to these regions may break. */
  begin(cut: readonly Region[]): void {
    this.#served.clear();
    this.#cut = cut;
    this.#beganAtMs = performance.now();
  }

  note(need: Need, outcome: Outcome, startedMs: number): void {
    this.#total += 1;
    const isNotNow = isNotServed(outcome);
    if (isNotNow) this.#failedSince += 1;
    if (isNotServed(outcome)) this.#count(codeOf(outcome));
    if (outcome.kind === 'unknown' && outcome.status === undefined && !this.#mayBeCut(need.region)) {
      this.#accuse(`no answer (${outcome.reason})`, needText(need));
    }
    if (!isNotNow && startedMs >= this.#beganAtMs) this.#served.add(needText(need));
  }

  /** A client whose answers are looked at: 503 with a time to come again is the only failure that may be answered. */
  client(name: string): Client {
    const inner = apiClient(name, 'shop', CLIENT_TIMEOUT_MS);
    return {
      name,
      send: async (exchange, request) => {
        const reply = await inner.send(exchange, request);
        const reason = reply.status < 500 ? undefined : dishonesty(reply.status, reply.headers, reply.text);
        if (reason !== undefined) this.#accuse(reason, `${exchange.method} ${exchange.path} in ${request.region}`);
        return reply;
      },
    };
  }

  missing(needs: readonly Need[]): readonly Need[] {
    return needs.filter((need) => !this.#served.has(needText(need)));
  }

  get dishonest(): readonly string[] {
    return [...this.#dishonest].map(([reason, { first, times }]) => `${times} times ${reason}, first for ${first}`);
  }

  get total(): number {
    return this.#total;
  }

  /** Failures by their codes, since this was asked last. */
  takeCounts(): Readonly<Record<string, number>> {
    const counts = Object.fromEntries(this.#counts);
    this.#counts.clear();
    return counts;
  }

  /** How many calls failed since this was asked last. */
  takeFailures(): number {
    const failures = this.#failedSince;
    this.#failedSince = 0;
    return failures;
  }

  #accuse(reason: string, call: string): void {
    const known = this.#dishonest.get(reason);
    if (known === undefined) this.#dishonest.set(reason, { first: call, times: 1 });
    else known.times += 1;
  }

  #mayBeCut(region: Region): boolean {
    return this.#cut.includes(region);
  }

  #count(code: string): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }
}

/** Functions answer within 10 s, whatever is down; what is beyond that hangs, however busy the machine is. */
const CLIENT_TIMEOUT_MS = 40_000;

function dishonesty(status: number, headers: Headers, text: string): string | undefined {
  const code = /"code":"([A-Z_]+)"/.exec(text)?.[1];
  if (status !== 503 || code === undefined) return `${status} ${text.replace(/[0-9a-f]{32}/, '...').slice(0, 300)}`;
  if (code === 'NOT_ACKNOWLEDGED') return headers.get('etag') === null ? `${code} without ETag` : undefined;
  if (!['UNAVAILABLE', 'SHED', 'STOPPED'].includes(code)) return `${status} ${code}`;
  return Number(headers.get('retry-after')) > 0 ? undefined : `${status} ${code} without Retry-After`;
}

/** Why a call was not served, in one word. */
export function codeOf(outcome: Exclude<Outcome, { kind: 'ok' }>): string {
  return outcome.kind === 'unknown' ? shortened(outcome.reason) : outcome.code;
}

function shortened(reason: string): string {
  return /[A-Z_]{4,}/.exec(reason)?.[0] ?? (/timeout/i.test(reason) ? 'TIMEOUT' : 'CUT');
}
