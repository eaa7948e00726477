import type { PublicMember } from '../../../lambdas/members/schema';
import { type Account, accountText, type MemberState } from '../../support/history';

const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const FIELDS = [
  'name',
  'phone',
  'email',
  'unionId',
  'idCard',
  'birthDate',
  'locale',
  'city',
  'tier',
  'tags',
  'marketingConsent',
] as const;

/** The times of members, which only the system knows: learned where they are shown first, and the same ever after. */
export class Documents {
  readonly #registeredAt = new Map<string, string>();
  readonly #updatedAt = new Map<string, string>();
  readonly #boundAt = new Map<string, string>();

  /** @returns the document that must be answered, byte for byte, given one that may tell times not known yet */
  expected(memberId: string, state: MemberState, shown: PublicMember): PublicMember {
    const version = String(state.version);
    const updatedAt = this.#learn(this.#updatedAt, `${memberId} ${version}`, shown.updatedAt);
    const accounts = state.accounts.map((account) => ({
      ...account,
      // What is shown first is shown by the binding itself.
      boundAt: this.#learn(this.#boundAt, bindingOf(memberId, account), updatedAt),
    }));
    const registeredAt = this.#learn(this.#registeredAt, memberId, updatedAt);
    return {
      memberId,
      version,
      status: state.status === 'closed' ? 'closed' : 'active',
      profile: inOrder(state.profile),
      accounts,
      registeredAt,
      updatedAt,
    };
  }

  /** The account is off the member: bound again, it is bound at another time. */
  unbound(memberId: string, account: Account): void {
    this.#boundAt.delete(bindingOf(memberId, account));
  }

  #learn(times: Map<string, string>, key: string, shown: string): string {
    const known = times.get(key);
    if (known !== undefined) return known;
    if (!ISO_UTC.test(shown)) throw new Error(`${shown} is no time in ISO 8601 and UTC`);
    times.set(key, shown);
    return shown;
  }
}

function bindingOf(memberId: string, account: Account): string {
  return `${memberId} ${accountText(account)}`;
}

function inOrder(profile: PublicMember['profile']): PublicMember['profile'] {
  const given = FIELDS.filter((field) => profile[field] !== undefined).map((field) => [field, profile[field]]);
  return Object.fromEntries(given);
}

/** As a class may see it that must not reach members. */
export function masked(document: PublicMember): PublicMember {
  const hidden = { email: '***', unionId: '***', idCard: '***' } as const;
  const profile = Object.fromEntries(
    Object.entries(document.profile).map(([field, value]) => {
      if (field === 'phone') return [field, `***${String(value).slice(-2)}`];
      return [field, field in hidden ? '***' : value];
    }),
  ) as unknown as PublicMember['profile'];
  return { ...document, profile, accounts: document.accounts.map((one) => ({ ...one, account: '***' })) };
}
