import { type Account, accountText, type Call, type Operation } from './calls';

export type Registering = Operation & { readonly call: Extract<Call, { kind: 'register' }> };

/**
 * Which member each registration was for. Those that share an idempotency key were for one; one that was never answered
 * was for a member that nobody can name, which gets a name that is no id.
 */
export class Registrations {
  readonly all: readonly Registering[];
  readonly #byKey = new Map<string, string>();
  readonly #members: ReadonlySet<string>;

  constructor(operations: readonly Operation[]) {
    this.all = operations.filter((operation): operation is Registering => operation.call.kind === 'register');
    for (const { call, outcome } of this.all) {
      const member = outcome.kind === 'ok' ? outcome.document?.memberId : undefined;
      if (call.idempotencyKey !== undefined && member !== undefined) this.#byKey.set(call.idempotencyKey, member);
    }
    this.#members = new Set(this.all.map((registering) => this.memberOf(registering)));
  }

  memberOf({ call, outcome, invokedAt }: Registering): string {
    const answered = outcome.kind === 'ok' ? outcome.document?.memberId : undefined;
    const shared = call.idempotencyKey === undefined ? undefined : this.#byKey.get(call.idempotencyKey);
    return answered ?? shared ?? `?${call.idempotencyKey ?? invokedAt}`;
  }

  /** Whether two names may mean one member: a member that nobody could name may be any that nobody registered. */
  isSame(one: string | undefined, other: string | undefined): boolean {
    if (one === other) return true;
    if (one === undefined || other === undefined) return false;
    const [nameless, named] = one.startsWith('?') ? [one, other] : [other, one];
    return nameless.startsWith('?') && !named.startsWith('?') && !this.#members.has(named);
  }

  /** Every account that some call names. */
  static accountsOf(operations: readonly Operation[]): Map<string, Account> {
    const accounts = new Map<string, Account>();
    for (const { call } of operations) {
      const named = call.kind === 'register' ? call.accounts : 'platform' in call ? [call] : [];
      for (const { platform, account } of named)
        accounts.set(accountText({ platform, account }), { platform, account });
    }
    return accounts;
  }
}
