import type { PublicMember } from '../../../lambdas/members/schema';
import {
  type Account,
  accountText,
  applyToWorld,
  type Call,
  EMPTY,
  type MemberState,
  memberIn,
  type Step,
  type World,
} from '../../support/history';
import type { Spelled } from './asked';
import { Documents, masked } from './documents';
import { RunNames } from './run-names';

const NOBODYS_ID = '9223372036854775807';
const COUNTERS = 2 ** 32;

/** What is known after each call of one run: what stands where, and what the system has chosen. */
export class SequentialModel {
  readonly names = new RunNames();
  readonly documents = new Documents();
  readonly registrations = new Map<number, Extract<Call, { kind: 'register' }>>();
  world: World = EMPTY;
  readonly #ids: string[] = [];

  /** Members are numbered as they were registered; a number beyond them means nobody. */
  memberId(number: number): string {
    return this.#ids[number] ?? NOBODYS_ID;
  }

  get memberIds(): readonly string[] {
    return this.#ids;
  }

  state(memberId: string): MemberState {
    return memberIn(this.world, memberId);
  }

  account(spelled: Spelled): Account {
    return this.names.account(spelled);
  }

  /** The member that holds an account, or held it last. */
  lastHolder(account: Account): string | undefined {
    return this.#lastHolders.get(accountText(account));
  }

  /** What the call must be answered. The answer tells whom it registered, if anybody, and in which epoch. */
  predict(call: Call, shown: Partial<PublicMember> | undefined): Step {
    const newMember = shown?.memberId ?? 'nobody';
    const epoch = Math.floor(Number(shown?.version ?? 0) / COUNTERS);
    const nextVersion = (version: number) => (version === 0 ? epoch * COUNTERS + 1 : version + 1);
    return applyToWorld(this.world, call, { newMember, nextVersion });
  }

  accept({ world, answer }: Step, call: Call): void {
    if (answer.kind === 'member' && answer.changed) {
      if (call.kind === 'register') this.#ids.push(answer.member);
      if (call.kind === 'unbind') this.documents.unbound(answer.member, call);
      for (const account of answer.state.accounts) this.#lastHolders.set(accountText(account), answer.member);
    }
    this.world = world;
  }

  /** The body that must be answered, given the one that was. */
  bodyOf(memberId: string, state: MemberState, shown: PublicMember, isMasked: boolean): string {
    const document = this.documents.expected(memberId, state, shown);
    return JSON.stringify(isMasked ? masked(document) : document);
  }

  readonly #lastHolders = new Map<string, string>();
}
