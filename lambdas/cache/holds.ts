/**
 * Leases that people grant while the arbiter is away, and moves of units, keep out of each other's way here: whoever comes
 * second finds the first. Everything lies in one slot.
 */

const UPTIME = `
local server = redis.pcall('INFO', 'server')
local uptimeS = type(server) == 'string' and tonumber(string.match(server, 'uptime_in_seconds:(%d+)') or nil)
`;

/** A cache that began a moment ago may have forgotten a hold. Where it does not tell, no move waits for that. */
const ANNOUNCE_MOVE = `${UPTIME}
local moving, hold = KEYS[1], KEYS[2]
local epoch, lifeMs, youngS = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
if epoch >= tonumber(redis.call('GET', moving) or '0') then redis.call('SET', moving, ARGV[1], 'PX', lifeMs) end
if uptimeS and uptimeS < youngS then return 'held' end
if redis.call('EXISTS', hold) == 1 then return 'held' end
return 'free'
`;

/** One that began a moment ago may have forgotten a move. */
const TAKE_HOLD = `${UPTIME}
local moving, hold, lost, seen = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local epoch, lifeMs, youngS = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
if not uptimeS or uptimeS < youngS then return 'young' end
if tonumber(redis.call('GET', moving) or '0') > epoch then return 'moving' end
if redis.call('EXISTS', seen) == 1 then return 'seen' end
if redis.call('EXISTS', lost) == 0 then return 'unconfirmed' end
redis.call('SET', hold, ARGV[1], 'PX', lifeMs)
return 'held'
`;

export const HOLD_FUNCTIONS = {
  announceMove: { lua: ANNOUNCE_MOVE, numberOfKeys: 2 },
  takeHold: { lua: TAKE_HOLD, numberOfKeys: 4 },
};

/** What a cache says to whoever is about to give a unit to another writer. */
export type MoveAnswer = 'free' | 'held';

/**
 * What a cache says to whoever is about to grant a lease by hand. `held`: he may. `moving`: the unit has another epoch, or is
 * about to. `seen`: the heartbeats of this region reach the arbiter, or did a moment ago. `unconfirmed`: they do not say that
 * they don't. `young`: the cache began a moment ago.
 */
export type HoldAnswer = 'held' | 'moving' | 'seen' | 'unconfirmed' | 'young';

export const movingKey = (unit: string): string => `{holds}:moving:${unit}`;
export const holdKey = (unit: string): string => `{holds}:hold:${unit}`;
export const arbiterKey = (state: 'lost' | 'seen'): string => `{holds}:arbiter:${state}`;

/** Longer than the lease that is granted under it can run. */
export const HOLD_KEPT_MS = 8000;
/** Whole seconds that a cache must have run so that it can have forgotten no hold. */
export const YOUNG_S = HOLD_KEPT_MS / 1000 + 2;
/** Each beat of a region says anew whether it reaches the arbiter: a failed one may take some seconds more. */
export const ARBITER_LIFE_MS = { lost: 8000, seen: 12_000 } as const;
