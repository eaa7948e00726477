import type { Profile } from '../../../lambdas/core';
import type { Account } from '../../support/history';
import { unique } from '../support/client';
import type { Spelled } from './asked';

/** What the numbers of one run stand for; no other run, and no other test, uses the same. */
export class RunNames {
  readonly #run = unique('Model');
  readonly #digits = String(Math.floor(Math.random() * 1e8)).padStart(8, '0');

  /** Spellings of one account are one account; two that differ in case are two, but on `web`. */
  account({ account, spelling }: Spelled): Account {
    const run = this.#run;
    const pick = (...spellings: readonly string[]) => spellings[spelling % spellings.length] ?? '';
    switch (account) {
      case 0:
        return { platform: 'app', account: `${run}-plain` };
      case 1:
        return { platform: 'web', account: pick(`${run}-Mixed`, `${run}-mixed`, `${run}-MIXED`.toUpperCase()) };
      case 2: {
        const name = `${run}-Zo\u00eb`;
        return { platform: 'web', account: pick(name, name.normalize('NFD'), name.toUpperCase().normalize('NFD')) };
      }
      case 3:
        return { platform: 'wechat', account: `${run}-oUpF` };
      case 4:
        return { platform: 'wechat', account: `${run}-oupf` };
      default: {
        const name = `${run} \u00e9/"%\\`;
        return { platform: 'card', account: pick(name, name.normalize('NFD')) };
      }
    }
  }

  key(key: number): string {
    return `${this.#run}-key-${key}`;
  }

  phone(phone: number): string {
    return `+49${this.#digits}${phone}`;
  }

  /** A profile whose phone and e-mail address are this run's own. */
  profile<T extends object>(given: T): T {
    const { phone, email } = given as Partial<Record<keyof Profile, unknown>>;
    return {
      ...given,
      ...(typeof phone === 'string' ? { phone: this.phone(Number(phone.split(' ')[1])) } : {}),
      ...(typeof email === 'string' ? { email: `${this.#run}.${email}` } : {}),
    };
  }
}
