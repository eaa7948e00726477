import type { LeaseClock } from '../../../../lambdas/shards/leases';
import type { Region } from '../../../../topology';
import type { Without } from './arbiter';
import { Process } from './network';
import type { World } from './world';

export interface Commit {
  readonly epoch: number;
  readonly server: Region;
  readonly atMs: number;
  /** Where the cluster's writer stood when it was committed, and when it was acknowledged, if it was. */
  readonly writerThen: Region;
  /** What the server's fence said by then. */
  readonly fence: number;
  acknowledgedUnder?: Region;
}

interface Rows {
  readonly fence: number;
  readonly lease: { readonly epoch: number; readonly until: number };
}

const LOCK_WAIT_MS = 1000;
const LOCK_LOOK_MS = 20;
const WORKS_MS = 5;
const SLEEPS = { share: 0.03, longestMs: 15_000 };

/**
 * A database server with the rows that guard writes. What it does with them is what the statements of `lambdas/shards`
 * do; tests of the engine show that.
 */
export class Server {
  readonly process: Process;
  rows: Rows;
  readonly commits: Commit[] = [];
  readonly #without: Without | undefined;
  /** Trips that have passed the fence and still hold it. */
  #holders = 0;
  #isRaising = false;
  #role: 'writer' | 'replica';
  /** How often it has been made a replica: its connections end with that, and what was under way in them. */
  #demotions = 0;

  constructor(
    readonly region: Region,
    readonly world: World,
    start: { role: 'writer' | 'replica'; epoch: number; without: Without | undefined },
  ) {
    this.process = new Process(region, world);
    this.#role = start.role;
    this.rows = { fence: start.epoch, lease: { epoch: start.epoch, until: 0 } };
    this.#without = start.without;
  }

  get role(): 'writer' | 'replica' {
    return this.#role;
  }

  set role(role: 'writer' | 'replica') {
    if (role === 'replica' && this.#role === 'writer') this.#demotions += 1;
    this.#role = role;
  }

  /** Every server has its own time of day. */
  get clockMs(): number {
    return this.world.nowMs + (this.region === 'A' ? 5_000_000 : 9_000_000);
  }

  /** One write, as `writeStatement` makes it: fence, lease, commit, lease once more. */
  async trip(epoch: number, writer: () => Region): Promise<'committed' | 'open' | 'refused'> {
    await this.process.awake();
    if (this.role !== 'writer') return 'refused';
    // Its connection ends with the first demotion, also while it waits for the fence.
    const demotions = this.#demotions;
    const isConnected = () => this.role === 'writer' && this.#demotions === demotions;
    if (this.#without !== 'fence' && !(await this.#passFence(epoch, isConnected))) return 'refused';
    const commit = await this.#transaction(epoch, writer, isConnected).finally(() => {
      if (this.#without !== 'fence') this.#holders -= 1;
    });
    if (commit === undefined) return 'refused';
    await this.#work();
    if (!this.#isLeased(epoch)) return 'open';
    commit.acknowledgedUnder = writer();
    return 'committed';
  }

  /** In share mode: whoever raises the fence waits for those who have passed it. */
  async #passFence(epoch: number, isConnected: () => boolean): Promise<boolean> {
    await this.#untilFree(() => this.#isRaising);
    if (!isConnected() || this.rows.fence !== epoch) return false;
    this.#holders += 1;
    return true;
  }

  async #transaction(epoch: number, writer: () => Region, isConnected: () => boolean): Promise<Commit | undefined> {
    await this.#work();
    if (!this.#isLeased(epoch)) return undefined;
    await this.#work();
    if (!isConnected()) return undefined;
    const { fence } = this.rows;
    const commit: Commit = { epoch, server: this.region, atMs: this.world.nowMs, writerThen: writer(), fence };
    this.commits.push(commit);
    return commit;
  }

  #isLeased(epoch: number): boolean {
    if (this.#without === 'lease') return true;
    return this.rows.lease.epoch === epoch && this.rows.lease.until > this.clockMs;
  }

  /** As `Fences.raise`. */
  async raise(epoch: number): Promise<number> {
    await this.process.awake();
    this.#requireWriter();
    this.#isRaising = true;
    try {
      await this.#untilFree(() => this.#holders > 0);
      this.#requireWriter();
      if (this.rows.fence < epoch) this.rows = { ...this.rows, fence: epoch };
      if (this.rows.lease.epoch < epoch) this.rows = { ...this.rows, lease: { epoch, until: 0 } };
      return this.rows.fence;
    } finally {
      this.#isRaising = false;
    }
  }

  async readClock(): Promise<LeaseClock> {
    await this.process.awake();
    const { until } = this.rows.lease;
    const leftMs = Math.max(0, Math.ceil(until - this.clockMs));
    return { cluster: 'b1', now: String(this.clockMs), until: String(until), leftMs };
  }

  async extend(lease: { epoch: number; now: string; until: string }, grantMs: number): Promise<void> {
    await this.process.awake();
    this.#requireWriter();
    const { epoch, until } = this.rows.lease;
    if (epoch !== lease.epoch || String(until) !== lease.until) return;
    this.rows = { ...this.rows, lease: { epoch, until: Math.max(until, Number(lease.now) + grantMs) } };
  }

  async shorten(epoch: number, leftMs: number): Promise<void> {
    await this.process.awake();
    this.#requireWriter();
    const { lease } = this.rows;
    if (lease.epoch !== epoch) return;
    this.rows = { ...this.rows, lease: { epoch, until: Math.min(lease.until, this.clockMs + leftMs) - 0.001 } };
  }

  /** Takes over what another server has. */
  follow(rows: Rows): void {
    this.rows = rows;
  }

  #requireWriter(): void {
    if (this.role !== 'writer') throw new Error('the server is read-only');
  }

  /** Statements take their time, and now and then very long. */
  async #work(): Promise<void> {
    await this.world.after(this.world.duration(WORKS_MS, SLEEPS));
    await this.process.awake();
  }

  async #untilFree(isTaken: () => boolean): Promise<void> {
    const endsAtMs = this.world.nowMs + LOCK_WAIT_MS;
    while (isTaken()) {
      if (this.world.nowMs >= endsAtMs) throw new Error('a lock was not free in time');
      await this.world.after(LOCK_LOOK_MS);
    }
  }
}
