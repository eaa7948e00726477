import { createHash } from 'node:crypto';
import type { Registration } from './registration';

/** Changed whenever equal lines would no longer make equal bodies. */
const LAYOUT = 1;

/**
 * What a line says, independent of its place, its quoting and the order of its columns: its SHA-256.
 * @param scope keeps imports apart that hold equal lines of different people
 */
export function contentHash(registration: Registration, scope: string): Buffer {
  const content = JSON.stringify([LAYOUT, scope, registration]);
  return createHash('sha256').update(content).digest();
}

/** The `Idempotency-Key` of the n-th line of a file with this content. */
export function idempotencyKey(content: Buffer, occurrence: number): string {
  return `import-${content.toString('base64url')}-${occurrence}`;
}

/**
 * Said of the n-th of equal lines where it is set aside, for those before it are not with it there: sent again as the first
 * one, it would be taken for that. Empty for the first one.
 */
export function equalMark(content: Buffer, occurrence: number): string {
  return occurrence === 1 ? '' : ` [equal line ${occurrence} of ${shortOf(content)}]`;
}

/** @returns which of equal lines a message says that it is about; undefined where it is about a line that said something else */
export function markedOccurrence(message: string, content: Buffer): number | undefined {
  const [, occurrence, short] = / \[equal line ([1-9][0-9]{0,8}) of ([0-9a-f]+)\]$/.exec(message) ?? [];
  return short === shortOf(content) ? Number(occurrence) : undefined;
}

function shortOf(content: Buffer): string {
  return content.toString('hex', 0, 8);
}

const FINGERPRINT_WORDS = 2;
const SLOT_WORDS = FINGERPRINT_WORDS + 1;
const FIRST_SLOTS = 1024;

/**
 * Counts equal contents, in 12 bytes a slot: an import may see tens of millions of them.
 * A content is known by 64 bits of its hash.
 */
export class Occurrences {
  #slots = new Uint32Array(FIRST_SLOTS * SLOT_WORDS);
  #used = 0;

  /** @returns how often this content has now been seen, from 1 */
  count(content: Buffer): number {
    if (this.#used * 2 > this.#capacity()) this.#grow();
    return this.#add(content.readUInt32LE(0), content.readUInt32LE(4), 1);
  }

  #capacity(): number {
    return this.#slots.length / SLOT_WORDS;
  }

  #add(low: number, high: number, times: number): number {
    const mask = this.#capacity() - 1;
    let slot = low & mask;
    for (;;) {
      const at = slot * SLOT_WORDS;
      const seen = this.#slots[at + FINGERPRINT_WORDS] ?? 0;
      if (seen === 0 || (this.#slots[at] === low && this.#slots[at + 1] === high)) {
        if (seen === 0) this.#used += 1;
        this.#slots.set([low, high, seen + times], at);
        return seen + times;
      }
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.#used = 0;
    for (let at = 0; at < old.length; at += SLOT_WORDS) {
      const times = old[at + FINGERPRINT_WORDS] ?? 0;
      if (times > 0) this.#add(old[at] ?? 0, old[at + 1] ?? 0, times);
    }
  }
}
