import type { TrafficClass } from '../../topology';
import type { Place } from '../resilience';
import type { Places } from '../shards';

/** What a traffic class may have under way to each dependency, in one execution environment. */
export interface ClassPlaces {
  /** Connections to each database server. */
  readonly connections: number;
  /** Of these: reads and writes leave each other a quarter. */
  readonly databases: Places;
  readonly domains: Place;
  readonly arbiter: Place;
  /** Writes on their way to the other region. */
  readonly regions: Place;
  /** Whether it looks elsewhere where too many of its own are under way. */
  readonly mustAnswer: boolean;
}

/** Of a wait enough is left of what the call itself may take: a server must not look ill because of our own crowd. */
const place = (floor: number, ceiling: number, targetMs: number, waitMs: number): Place => ({
  settings: { floor, ceiling, targetMs },
  waitMs,
});

/** A class with a higher target keeps its place while one with a lower target gives way: `order` is the last to. */
export const PLACES: Readonly<Record<TrafficClass, ClassPlaces>> = {
  order: {
    connections: 16,
    databases: { reads: place(6, 12, 400, 500), writes: place(6, 12, 600, 800) },
    domains: place(8, 64, 400, 1000),
    arbiter: place(6, 12, 600, 4000),
    regions: place(64, 128, 1500, 1000),
    mustAnswer: true,
  },
  marketing: {
    connections: 4,
    databases: { reads: place(2, 4, 150, 500), writes: place(1, 1, 150, 500) },
    domains: place(4, 32, 200, 600),
    arbiter: place(2, 12, 200, 2000),
    regions: place(1, 1, 500, 300),
    mustAnswer: false,
  },
  other: {
    connections: 8,
    databases: { reads: place(2, 6, 150, 500), writes: place(2, 6, 300, 800) },
    domains: place(4, 32, 200, 600),
    arbiter: place(4, 12, 300, 4000),
    regions: place(32, 64, 700, 1000),
    mustAnswer: false,
  },
};
