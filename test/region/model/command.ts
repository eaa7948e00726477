import fc from 'fast-check';
import { ERRORS, type ErrorCode } from '../../../lambdas/core';
import { type Call, exchangeOf, isRead, type MemberState, type Step } from '../../support/history';
import { type Answer, call as send } from '../support/client';
import type { Asked } from './asked';
import { MALFORMED } from './malformed';
import { callOf, conditionalHeaders, predictRead } from './resolve';
import type { SequentialModel } from './sequential-model';
import type { Telling } from './telling';

/** One call of a run, sent and held against what the model says of it. */
export class ApiCommand implements fc.AsyncCommand<SequentialModel, Telling> {
  readonly #asked: Asked;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  check(): boolean {
    return true;
  }

  toString(): string {
    return JSON.stringify(this.#asked);
  }

  async run(model: SequentialModel, telling: Telling): Promise<void> {
    const asked = this.#asked;
    if (asked.kind === 'malformed') return expectMalformed(asked, model);
    const call = callOf(asked, model);
    if (call === undefined) return;
    if (asked.trafficClass === 'marketing' && !isRead(call)) return expectReadOnly(call, asked);
    const certain = telling.certain(call, model);
    if (certain === undefined) return;
    const { method, path, headers, body } = exchangeOf(certain);
    const sending = { region: asked.region, trafficClass: asked.trafficClass, body };
    const answer = await telling.timed(call, () =>
      send(method, path, { ...sending, headers: { ...headers, ...conditionalHeaders(asked, call, model) } }),
    );
    // Nothing was promised in time: what became of the call is open, so this run can tell no more.
    fc.pre(!(telling.isStrained && isGivenUp(answer, call)));
    const step = model.predict(call, answer.body);
    expectAnswer({ asked, call, step, answer }, model);
    model.accept(step, call);
    if (call.kind === 'register' && 'key' in asked && asked.key !== undefined) model.registrations.set(asked.key, call);
  }
}

function isGivenUp({ status, headers, text }: Answer, call: Call): boolean {
  const isLess = !isRead(call) && status < 300 && headers.get('acknowledged') !== acknowledgedBy(call);
  return status === 503 || headers.has('degraded') || isLess || text.includes('"status":503');
}

interface Answered {
  readonly asked: Asked;
  readonly call: Call;
  readonly step: Step;
  readonly answer: Answer;
}

function expectAnswer({ asked, call, step, answer }: Answered, model: SequentialModel): void {
  const prediction = isRead(call) ? predictRead(step, asked, call, model) : step.answer;
  const isMasked = asked.trafficClass === 'marketing';
  if (prediction.kind === 'refused') expectProblem(answer, prediction.code as ErrorCode);
  else if (prediction.kind === 'items') expectItems(answer, prediction.items, isMasked, model);
  else if (prediction.kind === 'member') expectMember({ asked, call, answer, ...prediction }, model);
  else expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', `"${prediction.version}"`]);
}

function expectMember(
  { asked, call, answer, member, state }: Omit<Answered, 'step'> & { member: string; state: MemberState },
  model: SequentialModel,
): void {
  expect([answer.status, answer.headers.get('etag')]).toEqual([statusOf(call), `"${state.version}"`]);
  if (call.kind === 'register') {
    expect(answer.headers.get('location')).toBe(`/v1/${asked.trafficClass}/members/${member}`);
  }
  if (isRead(call))
    expect(answer.headers.get('source')).toMatch(/^(cache|database;unit=(a1|b1);role=(writer|replica))$/);
  else expect(answer.headers.get('acknowledged')).toBe(acknowledgedBy(call));
  expect(answer.headers.get('degraded')).toBe(null);
  const isSilent = call.kind === 'unbind' || call.kind === 'close';
  const isMasked = asked.trafficClass === 'marketing';
  expect(answer.text).toBe(isSilent ? '' : model.bodyOf(member, state, answer.body, isMasked));
}

function statusOf({ kind }: Call): number {
  if (kind === 'register') return 201;
  return kind === 'unbind' || kind === 'close' ? 204 : 200;
}

function acknowledgedBy(call: Call): string {
  const isMore = 'acknowledge' in call && call.acknowledge !== undefined && call.acknowledge !== 'one';
  return isMore ? 'both' : 'one';
}

function expectItems(
  answer: Answer,
  items: Extract<Step['answer'], { kind: 'items' }>['items'],
  isMasked: boolean,
  model: SequentialModel,
): void {
  expect([answer.status, answer.body.items.length]).toEqual([200, items.length]);
  const expected = items.map(({ id, state }, index) => {
    if (state.status !== 'active') {
      const code = state.status === 'closed' ? 'MEMBER_CLOSED' : 'MEMBER_NOT_FOUND';
      return JSON.stringify({ id, status: ERRORS[code].status, code });
    }
    const shown = answer.body.items[index].member ?? {};
    return `{"id":"${id}","status":200,"member":${model.bodyOf(id, state, shown, isMasked)}}`;
  });
  expect(answer.text).toBe(`{"items":[${expected.join()}]}`);
}

function expectProblem(answer: Answer, code: ErrorCode): void {
  const { status, title } = ERRORS[code];
  const type = `urn:twinkeep:error:${code}`;
  expect({ at: answer.status, ...answer.body }).toMatchObject({ at: status, status, code, title, type });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
}

async function expectMalformed(asked: Extract<Asked, { kind: 'malformed' }>, model: SequentialModel): Promise<void> {
  const [method, path, body, code] = MALFORMED[asked.which % MALFORMED.length] ?? [
    'GET',
    '/',
    undefined,
    'NO_SUCH_ROUTE',
  ];
  const { region } = asked;
  const answer = await send(method, path.replace('{id}', model.memberId(asked.member)), { region, body });
  expectProblem(answer, code as ErrorCode);
}

/** In a class that only reads. */
async function expectReadOnly(call: Call, { region, trafficClass }: Asked): Promise<void> {
  const { method, path, headers, body } = exchangeOf(call);
  expectProblem(await send(method, path, { region, trafficClass, headers, body }), 'CLASS_READ_ONLY');
}
