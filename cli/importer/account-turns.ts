import { PLATFORMS } from '../../topology';
import type { Account } from './registration';

/**
 * Lines that name the same account are sent in the order of the file, one after another, so that it is always the
 * first of them that gets the account.
 */
export class AccountTurns {
  readonly #last = new Map<string, Promise<void>>();

  /** To be called in the order of the file. `ready` resolves when all lines before that share an account are done. */
  enter(accounts: readonly Account[]): { readonly ready: Promise<unknown>; leave(): void } {
    const keys = new Set(accounts.map(turnKey));
    const before = [...keys].flatMap((key) => this.#last.get(key) ?? []);
    let end = () => {};
    const done = new Promise<void>((resolve) => {
      end = resolve;
    });
    for (const key of keys) this.#last.set(key, done);
    const leave = () => {
      for (const key of keys) if (this.#last.get(key) === done) this.#last.delete(key);
      end();
    };
    return { ready: Promise.all(before), leave };
  }
}

function turnKey({ platform, account }: Account): string {
  const normal = account.normalize('NFC');
  const ignoresCase = Object.hasOwn(PLATFORMS, platform) && PLATFORMS[platform]?.ignoresCase === true;
  return `${platform}:${ignoresCase ? normal.toLowerCase() : normal}`;
}
