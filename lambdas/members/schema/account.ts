import * as z from 'zod/mini';
import { PLATFORMS } from '../../../topology';
import type { FieldError } from '../../core';
import { invalid } from './parse';
import { reasonAgainstText } from './text';

/** Where a member has an account, in canonical form: the same account is always spelled the same. */
export interface Account {
  readonly platform: string;
  readonly account: string;
}

const MAX_ACCOUNT_LENGTH = 128;
export const PLATFORM_NAMES = Object.keys(PLATFORMS);

/**
 * The one spelling of an account: NFC, in lower case where the platform ignores case.
 *
 * @param platform a known one
 */
export function canonicalAccount(platform: string, account: string): string {
  const composed = account.normalize('NFC');
  // Lower case can undo the normal form (a letter and its mark may now meet), so it is taken again.
  return PLATFORMS[platform]?.ignoresCase ? composed.toLowerCase().normalize('NFC') : composed;
}

/** @throws Problem INVALID_REQUEST */
export function parseAccount(platform: string, account: string): Account {
  const result = readAccount(platform, account);
  if ('path' in result) throw invalid([result]);
  return result;
}

function readAccount(platform: string, raw: string): Account | FieldError {
  // Not `in`: `constructor` is no platform.
  if (!Object.hasOwn(PLATFORMS, platform))
    return { path: 'platform', message: `must be one of ${PLATFORM_NAMES.join(', ')}` };
  const account = canonicalAccount(platform, raw);
  const reason = reasonAgainstText(account, MAX_ACCOUNT_LENGTH);
  return reason === undefined ? { platform, account } : { path: 'account', message: reason };
}

/** An account in the body of a request. */
export const accountSchema = z
  .strictObject({
    platform: z.enum(PLATFORM_NAMES as [string, ...string[]]).check(z.meta({ examples: ['wechat'] })),
    account: z.string().check(
      z.meta({
        description: 'Kept in NFC, and in lower case where the platform ignores case.',
        minLength: 1,
        maxLength: MAX_ACCOUNT_LENGTH,
        examples: ['oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'],
      }),
    ),
  })
  .check(
    z.check((payload) => {
      const result = readAccount(payload.value.platform, payload.value.account);
      if (!('path' in result)) payload.value = result;
      else payload.issues.push({ code: 'custom', input: undefined, path: [result.path], message: result.message });
    }),
  );
