import { hash, timingSafeEqual } from 'node:crypto';

/** What a caller shows: `<caller>.<secret>`. */
export interface ApiKey {
  readonly callerId: string;
  readonly secret: string;
}

const API_KEY = /^([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.([\x21-\x7e]{1,256})$/;
const DIGEST_BYTES = 32;

/** @returns undefined if it is no key of ours, whoever sent it */
export function parseApiKey(text: string | undefined): ApiKey | undefined {
  const [, callerId, secret] = (text === undefined ? undefined : API_KEY.exec(text)) ?? [];
  return callerId === undefined || secret === undefined ? undefined : { callerId, secret };
}

/** The form in which the registry keeps a secret: SHA-256, in hexadecimal. Secrets are long and random, so no salt. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret);
}

/** Digests of a caller's hashes; what is no hash lets nobody in. */
export function digestsOf(keyHashes: readonly string[]): readonly Buffer[] {
  return keyHashes.map((text) => Buffer.from(text, 'hex')).filter((digest) => digest.length === DIGEST_BYTES);
}

/** Compared with when there is no caller, so that time does not tell whether there is one. */
const NOBODY = [Buffer.alloc(DIGEST_BYTES)];

/** A buffer for each digest would be memory outside the heap, which costs more to give back than the digest to make. */
const shown = Buffer.alloc(DIGEST_BYTES);

/** Whether a secret has one of the digests. Every one is compared, whichever fits. */
export function isSecretOf(digests: readonly Buffer[] | undefined, secret: string): boolean {
  shown.write(hash('sha256', secret, 'binary'), 'binary');
  let matches = 0;
  for (const known of digests ?? NOBODY) matches |= Number(timingSafeEqual(known, shown));
  return matches === 1 && digests !== undefined;
}
