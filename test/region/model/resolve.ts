import type { Account, Call, Step, WorldAnswer } from '../../support/history';
import type { Asked, AskedCall } from './asked';
import type { SequentialModel } from './sequential-model';

type Matching = Extract<AskedCall, { kind: 'close' }>['ifMatch'];

/** The call that is meant, once it is known which members there are; undefined where there is nothing to repeat. */
export function callOf(asked: Exclude<Asked, { kind: 'malformed' }>, model: SequentialModel): Call | undefined {
  switch (asked.kind) {
    case 'register':
      return {
        kind: 'register',
        profile: model.names.profile(asked.profile),
        accounts: asked.accounts.map((one) => model.account(one)),
        ...(asked.key === undefined ? {} : { idempotencyKey: model.names.key(asked.key) }),
      };
    case 'replay':
      return model.registrations.get(asked.key);
    case 'batch':
      return { kind: 'batch', members: asked.members.map((number) => model.memberId(number)) };
    case 'find':
      return { kind: 'find', ...model.account(asked), ...tokenOf(asked.minVersion, holderOf(asked, model), model) };
    case 'get': {
      const member = model.memberId(asked.member);
      return { kind: 'get', member, ...tokenOf(asked.minVersion, member, model) };
    }
    default: {
      const member = model.memberId(asked.member);
      const { ifMatch: matching, acknowledge } = asked;
      const ifMatch = versionFor(matching, member, model);
      const options = {
        ...(ifMatch === undefined ? {} : { ifMatch }),
        ...(acknowledge === undefined ? {} : { acknowledge }),
      };
      if (asked.kind === 'patch') return { kind: 'patch', member, patch: model.names.profile(asked.patch), ...options };
      if (asked.kind === 'close') return { kind: 'close', member, ...options };
      return { kind: asked.kind, member, ...model.account(asked), ...options };
    }
  }
}

function holderOf(spelled: Extract<Asked, { kind: 'find' }>, model: SequentialModel): string {
  return model.lastHolder(model.account(spelled)) ?? model.memberId(0);
}

function tokenOf(matching: Matching, member: string, model: SequentialModel): { minVersion?: string } {
  const minVersion = versionFor(matching, member, model);
  return minVersion === undefined ? {} : { minVersion };
}

function versionFor(matching: Matching, member: string, model: SequentialModel): string | undefined {
  const { version } = model.state(member);
  if (matching === 'none' || version === 0) return undefined;
  return String(version + { current: 0, stale: -1, ahead: 1 }[matching]);
}

/** Headers that no history knows of. */
export function conditionalHeaders(asked: Asked, call: Call, model: SequentialModel): Record<string, string> {
  if (asked.kind !== 'get' && asked.kind !== 'find') return {};
  const member = call.kind === 'get' ? call.member : model.lastHolder(call as Account);
  const held = member === undefined ? undefined : versionFor(asked.ifNoneMatch, member, model);
  return held === undefined ? {} : { 'if-none-match': `"${held}"` };
}

export type ReadPrediction =
  | Exclude<WorldAnswer, { kind: 'member' }>
  | Extract<WorldAnswer, { kind: 'member' }>
  | { readonly kind: 'not modified'; readonly version: number };

/** A read shows what stands there, but for what its caller has already, or has seen before. */
export function predictRead({ answer }: Step, asked: Asked, call: Call, model: SequentialModel): ReadPrediction {
  if (answer.kind === 'items') return answer;
  const least = 'minVersion' in call && call.minVersion !== undefined ? Number(call.minVersion) : 0;
  const state = answer.kind === 'member' ? answer.state : call.kind === 'get' ? model.state(call.member) : undefined;
  if (state !== undefined && state.version < least) return { kind: 'refused', code: 'UNAVAILABLE' };
  if (answer.kind === 'refused') return answer;
  const held = conditionalHeaders(asked, call, model)['if-none-match'];
  return held === `"${answer.state.version}"` ? { kind: 'not modified', version: answer.state.version } : answer;
}
