/** One account as the API promises it: nobody's, or one member's. */
export interface AccountState {
  readonly holder: string | undefined;
}

export const FREE: AccountState = { holder: undefined };

export type AccountCall =
  | { readonly kind: 'bind' | 'unbind' | 'close'; readonly member: string }
  /** A member begins with the account, or is not registered at all. */
  | { readonly kind: 'register'; readonly member: string }
  | { readonly kind: 'find' };

export type AccountAnswer =
  | { readonly kind: 'ok'; readonly holder: string | undefined }
  | { readonly kind: 'refused'; readonly code: 'ACCOUNT_BOUND' | 'NOT_BOUND' };

/** What a call does to an account, as far as the account can tell alone. */
export function applyToAccount(
  state: AccountState,
  call: AccountCall,
): { readonly state: AccountState; readonly answer: AccountAnswer } {
  switch (call.kind) {
    case 'bind':
      return state.holder === undefined || state.holder === call.member ? heldBy(call.member) : taken(state);
    case 'register':
      return state.holder === undefined ? heldBy(call.member) : taken(state);
    case 'unbind':
    case 'close': {
      const holder = state.holder === call.member ? undefined : state.holder;
      return { state: { holder }, answer: { kind: 'ok', holder } };
    }
    case 'find': {
      const { holder } = state;
      return { state, answer: holder === undefined ? { kind: 'refused', code: 'NOT_BOUND' } : { kind: 'ok', holder } };
    }
  }
}

function heldBy(member: string): { state: AccountState; answer: AccountAnswer } {
  return { state: { holder: member }, answer: { kind: 'ok', holder: member } };
}

function taken(state: AccountState): { state: AccountState; answer: AccountAnswer } {
  return { state, answer: { kind: 'refused', code: 'ACCOUNT_BOUND' } };
}
