import type { Snapshot } from '../clusters';
import { type EngineDefinition, NotPossible } from '../engines';
import { freePort } from './free-ports';
import { enginePart } from './part';
import { type PartSurroundings, RunningPart } from './running-part';

/** A server that shows what another had written when it was kept aside. */
export interface KeptServer {
  /** Whose data it is: `a1-A`. */
  readonly server: string;
  /** As RDS calls what was kept. */
  readonly snapshot: string;
  readonly host: string;
  readonly port: number;
}

type KeptSnapshot = Snapshot & { readonly directory: string };

/** Servers on kept data, which run from when somebody asks for one until the system ends. */
export class KeptServers {
  private readonly running = new Map<string, { readonly kept: KeptServer; readonly part: RunningPart }>();

  constructor(
    private readonly define: (snapshot: KeptSnapshot, port: number) => EngineDefinition,
    private readonly surroundings: PartSurroundings,
  ) {}

  get list(): readonly KeptServer[] {
    return [...this.running.values()].map(({ kept }) => kept);
  }

  /**
   * Has the newest data that was kept of a server answer.
   *
   * @throws NotPossible if nothing was kept of it
   */
  async open(server: string, snapshots: readonly KeptSnapshot[], signal: AbortSignal): Promise<KeptServer> {
    const own = snapshots.filter(({ cluster, region }) => `${cluster}-${region}` === server);
    const newest = [...own].sort((one, other) => (one.takenAt < other.takenAt ? 1 : -1))[0];
    if (newest === undefined) throw new NotPossible(`Nothing was kept aside of ${server}.`);
    const known = this.running.get(server);
    if (known?.kept.snapshot === newest.id && known.part.status === 'ready') return known.kept;
    await known?.part.stop();
    const port = await freePort();
    const part = new RunningPart(enginePart(this.define(newest, port)), this.surroundings);
    const kept = { server, snapshot: newest.id, host: '127.0.0.1', port };
    this.running.set(server, { kept, part });
    await part.start(signal);
    return kept;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ part }) => part.stop()));
  }
}
