import { type Cache, type Fillable, memberKey, type Uncacheable } from '../cache';
import { Problem, unavailable, type Version } from '../core';
import type { Deadline } from '../resilience';
import type { Switches } from '../switches';
import { type CopyRequest, copyOfEntry, copyOfLoaded, type MemberCopies, type MemberCopy } from './copies';

export interface ReadOptions {
  /** The least version that the caller accepts: what it has seen, or written, before. */
  readonly minVersion?: Version | undefined;
  readonly deadline: Deadline;
  /** Given where nothing but the cache may be asked: makes the refusal of what it does not hold. */
  readonly cacheOnly?: (() => Problem) | undefined;
}

/** Reads members by id: from the cache, else from the nearest copy that is new enough. */
export class MemberReader {
  readonly #cache: Cache;
  readonly #copies: MemberCopies;
  readonly #switches: Switches;

  constructor(parts: { cache: Cache; copies: MemberCopies; switches: Switches }) {
    this.#cache = parts.cache;
    this.#copies = parts.copies;
    this.#switches = parts.switches;
  }

  /**
   * The member as the first copy has it that is new enough; `absent` and `closed` are copies too.
   *
   * @throws Problem UNAVAILABLE if no copy that answers is new enough; what `cacheOnly` makes if only the cache may be asked
   */
  read(memberId: string, { minVersion = 0, deadline, cacheOnly }: ReadOptions): Promise<MemberCopy> {
    if (cacheOnly) return this.#readCached(memberId, minVersion, cacheOnly);
    const read = this.#cache.read<MemberCopy>({
      key: memberKey(memberId),
      minVersion,
      load: ({ floor }) => this.#load({ memberId, floor, minVersion, deadline }),
    });
    // Not awaited: this is the path of every hit, and each layer that awaits costs it as much as decoding the entry.
    return read.then((result) => {
      if (result.source === 'cache') return copyOfEntry(result.entry);
      return result.found.kind === 'uncacheable' ? result.found.value : copyOfLoaded(memberId, result.found);
    });
  }

  async #load(request: CopyRequest): Promise<Fillable | Uncacheable<MemberCopy>> {
    return (await this.#copies.find(request, await this.#switches.current())).fill;
  }

  async #readCached(memberId: string, minVersion: Version, refusal: () => Problem): Promise<MemberCopy> {
    const [entry] = await this.#cache.peekMany([memberKey(memberId)]);
    if (entry === undefined || entry.version < minVersion) throw refusal();
    return { ...copyOfEntry(entry), degraded: 'cache-only' };
  }

  /** The member that is active. @throws Problem MEMBER_NOT_FOUND, MEMBER_CLOSED, UNAVAILABLE */
  readActive(memberId: string, options: ReadOptions): Promise<MemberCopy> {
    return this.read(memberId, options).then(requireActive);
  }

  /** Members in the order asked: those that the cache has in one trip, the others one by one. */
  async readMany(memberIds: readonly string[], options: ReadOptions): Promise<(MemberCopy | Problem)[]> {
    const entries = await this.#cache.peekMany(memberIds.map(memberKey));
    return Promise.all(
      memberIds.map(async (memberId, index) => {
        const entry = entries[index];
        if (entry !== undefined && entry.version >= (options.minVersion ?? 0)) {
          return options.cacheOnly ? { ...copyOfEntry(entry), degraded: 'cache-only' } : copyOfEntry(entry);
        }
        return this.read(memberId, options).catch(asProblem);
      }),
    );
  }

  /**
   * As `readMany`, where an answer without one that cannot be read would be wrong.
   *
   * @throws Problem UNAVAILABLE
   */
  async readEvery(memberIds: readonly string[], options: ReadOptions): Promise<MemberCopy[]> {
    return (await this.readMany(memberIds, options)).map((copy) => {
      if (copy instanceof Problem) throw copy;
      return copy;
    });
  }
}

function requireActive(copy: MemberCopy): MemberCopy {
  if (copy.flag === 'absent') throw new Problem('MEMBER_NOT_FOUND');
  if (copy.flag === 'closed') throw new Problem('MEMBER_CLOSED');
  return copy;
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : unavailable('the member could not be read', error);
}
