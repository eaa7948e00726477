import { otherRegion, type Region } from '../../topology';
import type { Outcome } from './decisions';
import type { Member, Note } from './keeper';
import type { ClusterRecord, Move } from './record';

/** A switchover that is not in step by then is given up, so that writes are not refused for longer. */
const SWITCHOVER_MS = 15_000;
/** How long what went with a restart of the target is asked of the old writer again. */
const RECEIVE_AGAIN_S = 10;
const WAIT_S = 2;
/** An old writer that does not answer by then is not waited for: that is why it is replaced. */
const SILENCE_MS = 1000;

/** Does the steps of a cluster's moves, at its servers. Which step comes next is not decided here. */
export class Moves {
  readonly #members: Readonly<Record<Region, Member>>;
  readonly #note: Note;
  /** Undefined where an earlier process began the move. */
  #begunAtMs: number | undefined;

  constructor(members: Readonly<Record<Region, Member>>, note: Note) {
    this.#members = members;
    this.#note = note;
  }

  /** To be told of each move that this process begins. */
  begin(): void {
    this.#begunAtMs = performance.now();
  }

  /**
   * @returns undefined if the step has to be tried again
   * @throws Error of a server that does not answer, likewise
   */
  async step({ cluster }: ClusterRecord, move: Move): Promise<Outcome | undefined> {
    const target = this.#members[move.to];
    const old = this.#members[otherRegion(move.to)];
    if (move.kind === 'switchover' && this.#isHopeless(move, target)) {
      this.#note(`${cluster}: the switchover to ${move.to} is given up at ${move.step}: the writer stays`);
      return { kind: 'given-up' };
    }
    switch (move.step) {
      case 'pause':
        await old.database.refuseWrites();
        return done(await old.database.position());
      case 'silence':
        await this.#silence(cluster, old);
        return done('');
      case 'stop-receiving':
        if (this.#begunAtMs === undefined) await this.#receiveAgain(cluster, target, old);
        await target.database.stopReceiving();
        return done((await target.database.replication()).receivedUntil);
      case 'catch-up':
        return (await target.database.appliesUntil(move.position ?? '', WAIT_S))
          ? done(move.position ?? '')
          : undefined;
      case 'apply':
        return this.#apply(cluster, move.position ?? '', target, old);
      case 'promote':
        return done(await target.database.takeWrites());
    }
  }

  /** A target that has ended comes back read-only: it was not promoted, whatever it was last told. */
  #isHopeless({ step }: Move, target: Member): boolean {
    const nowMs = performance.now();
    this.#begunAtMs ??= nowMs;
    return !target.isRunning() || (step !== 'promote' && nowMs - this.#begunAtMs > SWITCHOVER_MS);
  }

  /** As well as can be: nobody's safety rests on it, but what is not written now need not be kept aside later. */
  async #silence(cluster: string, old: Member): Promise<void> {
    await old.database.refuseWrites(SILENCE_MS).catch((error: Error) => {
      this.#note(`${cluster}: the old writer could not be silenced: ${error.message}`);
    });
  }

  /** Everything that was received is applied before the promotion, which throws away what is not. */
  async #apply(cluster: string, position: string, target: Member, old: Member): Promise<Outcome | undefined> {
    if (await target.database.appliesUntil(position, WAIT_S)) return done(position);
    if ((await target.database.replication()).receivedUntil === position) {
      await target.database.apply();
      return undefined;
    }
    await this.#receiveAgain(cluster, target, old);
    if (await target.database.appliesUntil(position, WAIT_S)) return done(position);
    this.#note(`${cluster}: what was received until ${position} went with a restart, and comes from nowhere`);
    return { kind: 'given-up' };
  }

  /** A restart takes from a server what it had received and not applied; the old writer may be back and have it. */
  async #receiveAgain(cluster: string, target: Member, old: Member): Promise<void> {
    const far = await old.database.position().catch((error: Error) => {
      this.#note(`${cluster}: nothing can be received again: ${error.message}`);
    });
    if (far === undefined) return;
    await target.database.follow(target.followedPort);
    await target.database.appliesUntil(far, RECEIVE_AGAIN_S);
  }
}

function done(position: string): Outcome {
  return { kind: 'done', position };
}
