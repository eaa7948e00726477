import { createHash } from 'node:crypto';
import { classPrefix, type TrafficClass } from '../../topology';
import { type Clock, type Config, unavailable } from '../core';
import {
  type Command,
  etagOf,
  type MemberWriter,
  parseAccount,
  parseMemberId,
  parsePatch,
  parseRegistration,
  publicJson,
  type Registrar,
  readAcknowledge,
  readIdempotencyKey,
  readIfMatch,
  type WriteOptions,
  type Written,
} from '../members';
import { rangeOf } from '../shards';
import type { Switches } from '../switches';
import type { Call } from './call';
import { type Forwarder, MOST_WAIT_MS } from './forward';
import { type AnswerHeaders, type HttpAnswer, type HttpEvent, json, noContent, readBody } from './http';

/** `forwarded` is set by the function that forwards; no caller can set it, as it is no part of the request. */
export interface ForwardableEvent extends HttpEvent {
  /** How long the function that forwarded still waits, so that this one never works longer. */
  readonly forwarded?: { readonly waitsMs: number };
}

export interface WritingParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly trafficClass: TrafficClass;
  readonly writer: MemberWriter;
  readonly registrar: Registrar;
  readonly switches: Switches;
  readonly forwarder: Forwarder;
}

/** The calls that write. */
export class Writing {
  readonly #parts: WritingParts;

  constructor(parts: WritingParts) {
    this.#parts = parts;
  }

  async registerMember(call: Call): Promise<HttpAnswer> {
    const body = readBody(call.event, call.headers, 'json');
    const registration = parseRegistration(body, this.#parts.clock.nowMs());
    const key = readIdempotencyKey(call.headers);
    const idempotency =
      key === undefined
        ? undefined
        : { callerId: call.caller.id, key, requestHash: hashOf('registerMember', registration) };
    const written = await this.#parts.registrar.register(registration, idempotency, askedOf(call));
    const location = `${classPrefix(this.#parts.trafficClass)}/members/${written.document.memberId}`;
    return json(201, publicJson(written.document), { ...writtenHeaders(written, call), Location: location });
  }

  patchMember(call: Call): Promise<HttpAnswer> {
    const patch = parsePatch(readBody(call.event, call.headers, 'merge-patch'), this.#parts.clock.nowMs());
    return this.#execute(call, { kind: 'patch', patch }, answerDocument);
  }

  closeMember(call: Call): Promise<HttpAnswer> {
    return this.#execute(call, { kind: 'close' }, answerNothing);
  }

  bindAccount(call: Call): Promise<HttpAnswer> {
    const account = parseAccount(call.parameters.platform, call.parameters.account);
    return this.#execute(call, { kind: 'bind', ...account }, answerDocument);
  }

  unbindAccount(call: Call): Promise<HttpAnswer> {
    const account = parseAccount(call.parameters.platform, call.parameters.account);
    return this.#execute(call, { kind: 'unbind', ...account }, answerNothing);
  }

  /**
   * A command for a unit whose writer stands in the other region is forwarded once, whole. In fallback there is no writer:
   * both regions journal.
   */
  async #execute(call: Call, command: Command, answer: (written: Written, call: Call) => HttpAnswer) {
    const memberId = parseMemberId(call.parameters.id);
    const ifMatch = readIfMatch(call.headers);
    const options: WriteOptions = { ...askedOf(call), ifMatch: ifMatch === '*' ? undefined : ifMatch };
    const { unit } = rangeOf(memberId);
    const { units } = await this.#parts.switches.current();
    const { writer, mode } = units[unit] ?? (await this.#parts.switches.unitNow(unit, call.deadline));
    if (writer === this.#parts.config.region || mode === 'fallback') {
      return answer(await this.#parts.writer.execute(memberId, command, options), call);
    }
    const event: ForwardableEvent = call.event;
    if (event.forwarded !== undefined) throw unavailable(`the writer of unit ${unit} is moving`);
    const waitsMs = call.deadline.child(MOST_WAIT_MS).remainingMs;
    const forwarded: ForwardableEvent = { ...event, forwarded: { waitsMs } };
    return this.#parts.forwarder.forward<ForwardableEvent, HttpAnswer>(forwarded, writer, waitsMs);
  }
}

function askedOf(call: Call): WriteOptions {
  return {
    acknowledge: readAcknowledge(call.headers) ?? 'one',
    deadline: call.deadline,
    traceId: call.trace.traceId,
  };
}

function writtenHeaders({ document, acknowledged }: Written, call: Call): AnswerHeaders {
  return {
    ETag: etagOf(document.version),
    Acknowledged: acknowledged,
    traceparent: call.trace.traceparent,
  };
}

function answerDocument(written: Written, call: Call): HttpAnswer {
  return json(200, publicJson(written.document), writtenHeaders(written, call));
}

function answerNothing(written: Written, call: Call): HttpAnswer {
  return noContent(writtenHeaders(written, call));
}

/** What was asked under an idempotency key, in canonical form: the parsed request has one order of keys. */
function hashOf(operation: string, request: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([operation, request]))
    .digest('base64url');
}
