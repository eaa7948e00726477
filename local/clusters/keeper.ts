import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Region } from '../../topology';
import { clone } from './clone';
import type { Database } from './database';
import { afterLook, afterStep, begin, followerOf, isOpen, type Refusal, refusalOf } from './decisions';
import { Moves } from './moves';
import type { Described } from './protocol';
import type { ClusterRecord, Move, Standing } from './record';
import type { Records } from './records';
import { type Snapshots, snapshotId } from './snapshots';

/** A server of the cluster: how to speak to it, and its process. */
export interface Member {
  readonly database: Database;
  readonly port: number;
  readonly databaseDirectory: string;
  /** Port at which this one finds the other, if that is the writer. */
  readonly followedPort: number;
  readonly isRunning: () => boolean;
  /** Ends the process and has `between` done; alone, whoever else starts it. */
  readonly standStill: (between: () => Promise<void>) => Promise<void>;
  /** The same, and starts it again. */
  readonly restart: (between: () => Promise<void>) => Promise<void>;
}

/** What becomes of a cluster, for people. */
export interface ClusterReport {
  readonly cluster: string;
  readonly writer: Region;
  /** What is being done; undefined while all is as it should be. */
  readonly doing: string | undefined;
}

/** Says what happened, to whoever reads the log. */
export type Note = (message: string) => void;

export interface KeeperParts {
  readonly cluster: string;
  readonly stage: string;
  readonly records: Records;
  readonly snapshots: Snapshots;
  readonly members: Readonly<Record<Region, Member>>;
  readonly programs: { readonly dump: string; readonly load: string };
  readonly accounts: Parameters<typeof clone>[0]['accounts'];
  readonly note: Note;
  readonly onChange: () => void;
}

const PAUSE_MS = 1000;

const STANDING_TEXT: Readonly<Record<Standing['kind'], (server: string) => string | undefined>> = {
  following: () => undefined,
  apart: (server) => `${server} has not been looked at since it was the writer`,
  diverged: (server) => `what only ${server} has is being kept aside`,
  empty: (server) => `${server} is being cloned from the writer`,
};

/**
 * Sees to one cluster: goes on with its move, and has its servers be what the record says. It may be killed at any moment:
 * every step is on disk before the next begins, and may be done again.
 */
export class Keeper {
  readonly #parts: KeeperParts;
  readonly #moves: Moves;
  #turn: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#moves = new Moves(parts.members, parts.note);
  }

  get record(): ClusterRecord {
    return this.#parts.records.of(this.#parts.cluster);
  }

  get report(): ClusterReport {
    const { cluster, writer, move, standing } = this.record;
    const server = `${cluster}-${followerOf(this.record)}`;
    const doing =
      move === undefined ? STANDING_TEXT[standing.kind](server) : `${move.kind} to ${move.to}, at ${move.step}`;
    return { cluster, writer, doing };
  }

  /** Whether a server takes callers of the application. */
  isOpen(region: Region): boolean {
    return isOpen(this.record, region);
  }

  /** Which servers are as they should be: the writer is there, the other follows it. */
  async describe(): Promise<Described> {
    const isConnected = async (region: Region) =>
      region === this.record.writer
        ? this.#parts.members[region].isRunning()
        : this.isConnected(region).catch(() => false);
    const [A, B] = await Promise.all([isConnected('A'), isConnected('B')]);
    return { record: this.record, isConnected: { A, B } };
  }

  /** Until it is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    let said = '';
    while (!signal.aborted) {
      try {
        const isBusy = await this.#alone(() => this.#advance(signal));
        said = '';
        if (isBusy) continue;
      } catch (error) {
        const { message } = error as Error;
        // A server that is down is down at every look.
        if (message !== said && !signal.aborted) this.#parts.note(`${this.#parts.cluster}: ${message}`);
        said = message;
      }
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([delay(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined), woken]);
    }
  }

  /** Accepts a move, or says why not. */
  async move(kind: Move['kind'], to: Region): Promise<Refusal | undefined> {
    // Said at once where the answer is known: a server that is being cloned keeps the others waiting.
    const known = refusalOf(this.record, kind, to, { answers: true, isConnected: true });
    if (known !== undefined) return known;
    return this.#alone(async () => {
      const seen = await this.isConnected(to).then(
        (isConnected) => ({ answers: true, isConnected }),
        () => ({ answers: false, isConnected: false }),
      );
      const refusal = refusalOf(this.record, kind, to, seen);
      if (refusal !== undefined) return refusal;
      this.#put(begin(this.record, kind, to));
      this.#moves.begin();
      this.#wake();
      return undefined;
    });
  }

  /** Has a server that was just started be what the record says. @throws while it cannot be */
  async settle(region: Region): Promise<void> {
    if (!this.#isSettling(region)) return;
    await this.#alone(async () => {
      if (this.#isSettling(region)) await this.#tend(region);
    });
  }

  /** Whether that server follows the writer now. @throws Error if it does not answer */
  async isConnected(region: Region): Promise<boolean> {
    const { receives, applies } = await this.#parts.members[region].database.replication();
    return receives && applies && this.record.standing.kind === 'following';
  }

  /** During a move, and while a server is not to be trusted, everything is done in order by `run`. */
  #isSettling(region: Region): boolean {
    const { move, standing, writer } = this.record;
    return move === undefined && (region === writer || standing.kind === 'following');
  }

  #alone<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act, act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #put(record: ClusterRecord): void {
    this.#parts.records.put(record);
    this.#parts.onChange();
  }

  /** @returns whether something was done, after which more may be to do at once */
  async #advance(signal: AbortSignal): Promise<boolean> {
    const { record } = this;
    signal.throwIfAborted();
    if (record.move !== undefined) {
      const outcome = await this.#moves.step(record, record.move);
      if (outcome !== undefined) this.#put(afterStep(record, record.move, outcome));
      return outcome !== undefined;
    }
    const follower = followerOf(record);
    const [written, followed] = await Promise.allSettled([
      this.#tend(record.writer),
      record.standing.kind === 'following' ? this.#tend(follower) : this.#bringBack(signal),
    ]);
    for (const one of [written, followed]) if (one.status === 'rejected') throw one.reason;
    return this.record !== record;
  }

  /** Does nothing to a server that is as it should be. */
  async #tend(region: Region): Promise<void> {
    const { database, followedPort } = this.#parts.members[region];
    if (region === this.record.writer) {
      if (!(await database.isTakingWrites())) await database.takeWrites();
      return;
    }
    const { takesWrites, port, isRefused, receives, applies, error } = await database.replication();
    // It was told so before it was replaced, and hears it only now.
    if (takesWrites) await database.refuseWrites();
    if (isRefused) {
      await this.#look(region, database, isRefused);
    } else if (port !== followedPort || (!receives && !applies && error === '')) {
      await database.follow(followedPort);
    }
  }

  /** Brings a former writer back as a replica, one step at a time. */
  async #bringBack(signal: AbortSignal): Promise<void> {
    const { record } = this;
    const { standing } = record;
    const region = followerOf(record);
    const member = this.#parts.members[region];
    if (standing.kind === 'apart') return this.#look(region, member.database, false);
    if (standing.kind === 'diverged') {
      await member.standStill(async () => this.#parts.snapshots.keep(standing.snapshot, member.databaseDirectory));
      this.#put({ ...record, standing: { kind: 'empty' } });
      return;
    }
    if (standing.kind === 'empty') await this.#clone(member, signal);
  }

  /** Silences a server that is not the writer, and finds out whether it has something that its writer lacks. */
  async #look(region: Region, database: Database, isRefused: boolean): Promise<void> {
    const { record } = this;
    await database.refuseWrites();
    await database.close();
    const position = await database.position();
    const takenAt = new Date();
    const { cluster, stage } = this.#parts;
    this.#put(
      afterLook(record, { position, isRefused }, (sharedUntil) => ({
        id: snapshotId(stage, cluster, region, takenAt),
        cluster,
        region,
        position,
        sharedUntil,
        takenAt: takenAt.toISOString(),
      })),
    );
  }

  async #clone(member: Member, signal: AbortSignal): Promise<void> {
    const { record } = this;
    const writer = this.#parts.members[record.writer];
    const schemas = await writer.database.schemas();
    await member.restart(() => rm(member.databaseDirectory, { recursive: true, force: true }));
    await clone({
      ...this.#parts.programs,
      fromPort: writer.port,
      toPort: member.port,
      schemas,
      accounts: this.#parts.accounts,
      signal,
    });
    this.#put({ ...record, standing: { kind: 'following' } });
  }
}
