import { hash, timingSafeEqual } from 'node:crypto';

/** What a caller shows: `<caller>.<secret>`. */
export interface ApiKey {
  readonly callerId: string;
  readonly secret: string;
}

const API_KEY = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.[\x21-\x7e]{1,256}$/;
const DIGEST_BYTES = 32;

/** @returns undefined if it is no key of ours, whoever sent it */
export function parseApiKey(text: string | undefined): ApiKey | undefined {
  if (text === undefined || !API_KEY.test(text)) return undefined;
  const endOfId = text.indexOf('.');
  return { callerId: text.slice(0, endOfId), secret: text.slice(endOfId + 1) };
}

/** The form in which the registry keeps a secret: SHA-256, in hexadecimal. Secrets are long and random, so no salt. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret);
}

/** A key as it is compared with. */
export interface KnownKey {
  readonly digest: Buffer;
  /** Milliseconds since 1970, from when on it lets nobody in. */
  readonly expiresAtMs: number;
}

/** The keys of a caller; what is no hash lets nobody in. */
export function knownKeysOf(keys: readonly { readonly hash: string; readonly expiresAtMs?: number }[]): KnownKey[] {
  return keys
    .map(({ hash: text, expiresAtMs = Number.POSITIVE_INFINITY }) => ({
      digest: Buffer.from(text, 'hex'),
      expiresAtMs,
    }))
    .filter(({ digest }) => digest.length === DIGEST_BYTES);
}

/** Compared with when there is no caller, so that time does not tell whether there is one. */
const NOBODY: readonly KnownKey[] = [{ digest: Buffer.alloc(DIGEST_BYTES), expiresAtMs: 0 }];

/** A buffer for each digest would be memory outside the heap, which costs more to give back than the digest to make. */
const shown = Buffer.alloc(DIGEST_BYTES);

/** Whether a secret is that of a key which has not expired. Every one is compared, whichever fits. */
export function isSecretOf(keys: readonly KnownKey[] | undefined, secret: string, nowMs: number): boolean {
  shown.write(hash('sha256', secret, 'binary'), 'binary');
  let matches = 0;
  for (const { digest, expiresAtMs } of keys ?? NOBODY) {
    matches |= Number(timingSafeEqual(digest, shown)) & Number(nowMs < expiresAtMs);
  }
  return matches === 1 && keys !== undefined;
}
