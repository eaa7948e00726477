import type { Call, Outcome, Request } from './calls';
import type { Client, History } from './history';
import { readingsOf, versionRead } from './readings';

/** A client that remembers the highest version of each member that it has seen, and sends it with its reads. */
export class Session {
  readonly #history: History;
  readonly #client: Client;
  readonly #seen = new Map<string, number>();

  constructor(history: History, client: Client) {
    this.#history = history;
    this.#client = client;
  }

  async run(request: Request): Promise<Outcome> {
    const { call } = request;
    const asked = { ...request, call: this.#withToken(call) };
    const outcome = await this.#history.run(asked, this.#client);
    this.#remember(asked, outcome);
    return outcome;
  }

  /** The highest version that this session has seen of a member. */
  seen(member: string): string | undefined {
    const version = this.#seen.get(member);
    return version === undefined ? undefined : String(version);
  }

  #withToken(call: Call): Call {
    if (call.kind !== 'get') return call;
    const minVersion = this.seen(call.member);
    return minVersion === undefined ? call : { ...call, minVersion };
  }

  #remember(request: Request, outcome: Outcome): void {
    const { call } = request;
    const operation = { ...request, outcome, client: '', invokedAt: 0, returnedAt: 0, startedMs: 0, endedMs: 0 };
    for (const reading of readingsOf(operation)) this.#raise(reading.member, versionRead(reading));
    if (outcome.kind !== 'ok' || outcome.version === undefined) return;
    const member = 'member' in call ? call.member : outcome.document?.memberId;
    if (member !== undefined) this.#raise(member, Number(outcome.version));
  }

  #raise(member: string, version: number | undefined): void {
    if (version !== undefined) this.#seen.set(member, Math.max(version, this.#seen.get(member) ?? 0));
  }
}
