import { type ClusterState, type Clusters, MoveRefused } from '../../../../lambdas/failover';
import { otherRegion, type Region } from '../../../../topology';
import type { Without } from './arbiter';
import type { Network } from './network';
import { Server } from './server';
import type { World } from './world';

const REPLICATES_EVERY_MS = 200;
const REJOINS_AFTER_MS = 5000;

/** A global cluster: two servers, of which one follows the other, and what RDS does with them. */
export class Cluster {
  readonly servers: Readonly<Record<Region, Server>>;
  writer: Region;
  promotions = 0;
  #isMoving = false;
  /** What was under way to the replica before a promotion arrives nowhere. */
  #session = 0;
  #movedAtMs = 0;
  readonly #world: World;
  readonly #network: Network;

  constructor(world: World, network: Network, start: { writer: Region; epoch: number; without: Without | undefined }) {
    this.#world = world;
    this.#network = network;
    this.writer = start.writer;
    const server = (region: Region) =>
      new Server(region, world, { ...start, role: region === start.writer ? 'writer' : 'replica' });
    this.servers = { A: server('A'), B: server('B') };
    this.#replicate();
  }

  describe(): ClusterState {
    const isLinked = !this.#isLinkCut();
    return {
      writer: this.writer,
      status: this.#isMoving ? 'moving' : 'available',
      members: (['A', 'B'] as const).map((region) => ({ region, isAvailable: isLinked || region === this.writer })),
    };
  }

  readonly moves: Pick<Clusters, 'switchOver' | 'failOver'> = {
    switchOver: async (_cluster, to) => {
      if (this.writer === to) return;
      // A writer that was lost and has not come back yet follows nobody.
      const follows = () => !this.#isLinkCut() && this.servers[to].role === 'replica';
      if (this.#isMoving || !follows()) throw new MoveRefused('the replica is not in step');
      this.#move(() => {
        // RDS gives up a planned change that it cannot finish.
        if (!follows() || this.writer === to) return;
        const [old, next] = [this.servers[this.writer], this.servers[to]];
        old.role = 'replica';
        this.#promote(to);
        next.follow(old.rows);
      });
    },
    failOver: async (_cluster, to) => {
      if (this.writer === to) return;
      if (this.#isMoving) throw new MoveRefused('the cluster is being moved');
      // The old writer knows nothing of it: it goes on until it is brought back as a replica.
      this.#move(() => this.#promote(to));
    },
  };

  #move(act: () => void): void {
    this.#isMoving = true;
    this.#world.at(this.#world.nowMs + this.#world.between(100, 1500), () => {
      act();
      this.#isMoving = false;
    });
  }

  #promote(to: Region): void {
    this.#session += 1;
    this.promotions += 1;
    this.#movedAtMs = this.#world.nowMs;
    this.writer = to;
    this.servers[to].role = 'writer';
  }

  #isLinkCut(): boolean {
    return this.#network.isCut('database A', 'database B');
  }

  #replicate(): void {
    const replica = this.servers[otherRegion(this.writer)];
    if (!this.#isLinkCut() && this.#world.nowMs >= this.#movedAtMs + REJOINS_AFTER_MS) replica.role = 'replica';
    if (!this.#isLinkCut() && replica.role === 'replica') {
      const { rows } = this.servers[this.writer];
      const session = this.#session;
      this.#world.at(this.#world.nowMs + this.#world.between(5, 400), () => {
        if (session === this.#session) replica.follow(rows);
      });
    }
    this.#world.at(this.#world.nowMs + REPLICATES_EVERY_MS, () => this.#replicate());
  }
}
