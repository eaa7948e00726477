import { type Cache, memberKey } from '../cache';
import { Problem, unavailable, type Version } from '../core';
import type { Deadline } from '../resilience';
import type { Switches } from '../switches';
import { copyOfEntry, copyOfLoaded, type MemberCopies, type MemberCopy } from './copies';

export interface ReadOptions {
  /** The least version that the caller accepts: what it has seen, or written, before. */
  readonly minVersion?: Version | undefined;
  readonly deadline: Deadline;
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
   * @throws Problem UNAVAILABLE if no copy that answers is new enough
   */
  async read(memberId: string, { minVersion, deadline }: ReadOptions): Promise<MemberCopy> {
    const result = await this.#cache.read<MemberCopy>({
      key: memberKey(memberId),
      ...(minVersion === undefined ? {} : { minVersion }),
      load: async ({ floor }) => {
        const request = { memberId, floor, minVersion: minVersion ?? 0, deadline };
        return (await this.#copies.find(request, await this.#switches.current())).fill;
      },
    });
    if (result.source === 'cache') return copyOfEntry(result.entry);
    return result.found.kind === 'uncacheable' ? result.found.value : copyOfLoaded(memberId, result.found);
  }

  /** The member that is active. @throws Problem MEMBER_NOT_FOUND, MEMBER_CLOSED, UNAVAILABLE */
  async readActive(memberId: string, options: ReadOptions): Promise<MemberCopy> {
    const copy = await this.read(memberId, options);
    if (copy.flag === 'absent') throw new Problem('MEMBER_NOT_FOUND');
    if (copy.flag === 'closed') throw new Problem('MEMBER_CLOSED');
    return copy;
  }

  /** Members in the order asked: those that the cache has in one trip, the others one by one. */
  async readMany(memberIds: readonly string[], options: ReadOptions): Promise<(MemberCopy | Problem)[]> {
    const entries = await this.#cache.peekMany(memberIds.map(memberKey));
    return Promise.all(
      memberIds.map(async (memberId, index) => {
        const entry = entries[index];
        if (entry !== undefined && entry.version >= (options.minVersion ?? 0)) return copyOfEntry(entry);
        return this.read(memberId, options).catch(asProblem);
      }),
    );
  }
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : unavailable('the member could not be read', error);
}
