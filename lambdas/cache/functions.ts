import { CALL_FUNCTIONS, type CallCommands } from './call-functions';
import { HOLD_FUNCTIONS, type HoldAnswer, type MoveAnswer } from './holds';
import { LIMIT_FUNCTIONS, type LimitCommands } from './limit-functions';
import { TALLY_FUNCTIONS, type TallyCommands } from './tally-functions';

/**
 * What Redis does in one step. Every key of a call has the same hash tag. Versions stay the text they came as, because
 * Lua would round them in print; they are compared as numbers, which are exact below 2^53.
 */

const HEADER = `
local function generationOf(head) return tonumber(string.sub(head, 2, 17)) end
local function versionOf(head) return tonumber(string.sub(head, 18, 33)) end
local function headOf(key)
  local head = redis.call('GETRANGE', key, 0, 32)
  if #head == 33 then return head end
end
`;

const NOW = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** The value if it satisfies the reader; else a lease for one filler, or why there is none. Always with the floor. */
const GET_OR_LEASE = `${HEADER}${NOW}
local value, floor, lease, marks = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local generation, minVersion, token, leaseMs = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
local head = headOf(value)
if head and generationOf(head) >= generation and versionOf(head) >= minVersion then
  return { 'value', redis.call('GET', value) }
end
local least = redis.call('GET', floor) or '0'
redis.call('ZREMRANGEBYSCORE', marks, '-inf', nowMs)
if redis.call('EXISTS', marks) == 1 then return { 'marked', least } end
if not redis.call('SET', lease, token, 'PX', leaseMs, 'NX') then return { 'filling', least } end
local server = redis.pcall('INFO', 'server')
local uptimeS = type(server) == 'string' and string.match(server, 'uptime_in_seconds:(%d+)')
return { 'lease', least, uptimeS or '0' }
`;

/** Only under the caller's own live lease, at or above the floor, and above what is there of this generation. */
const FILL = `${HEADER}
local value, floor, lease = KEYS[1], KEYS[2], KEYS[3]
local token, generation, version, text, lifeMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
if redis.call('GET', lease) ~= token then return 'no-lease' end
redis.call('DEL', lease)
if version < tonumber(redis.call('GET', floor) or '0') then return 'below-floor' end
local head = headOf(value)
if head and generationOf(head) >= generation and versionOf(head) >= version then return 'kept' end
redis.call('SET', value, text, 'PX', lifeMs)
return 'filled'
`;

/** Gives a lease back that will not be used; never somebody else's. */
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`;

/** A write is about to happen: nothing to read, and nobody fills until its fence, or until the mark has run out. */
const MARK = `${NOW}
local value, lease, marks = KEYS[1], KEYS[2], KEYS[3]
local operationId, lifeMs = ARGV[1], tonumber(ARGV[2])
redis.call('DEL', value, lease)
redis.call('ZADD', marks, nowMs + lifeMs, operationId)
redis.call('PEXPIRE', marks, lifeMs)
`;

/** An operation is under way; those that nobody has seen the end of for long are forgotten. */
const ENTER = `${NOW}
local flights, entry, lifeMs = KEYS[1], ARGV[1], tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', flights, '-inf', nowMs - lifeMs)
redis.call('ZADD', flights, nowMs, entry)
redis.call('PEXPIRE', flights, lifeMs)
`;

/** A version exists: older ones leave and don't come back. */
const FENCE = `${HEADER}
local value, floor, marks = KEYS[1], KEYS[2], KEYS[3]
local version, lifeMs, operationId = tonumber(ARGV[1]), ARGV[2], ARGV[3]
if version >= tonumber(redis.call('GET', floor) or '0') then redis.call('SET', floor, ARGV[1], 'PX', lifeMs) end
local head = headOf(value)
if head and versionOf(head) < version then redis.call('DEL', value) end
if operationId ~= '' then redis.call('ZREM', marks, operationId) end
`;

/** Notes a fence that another region's cache is owed: the highest version of each key, as long as it can matter. */
const OWE = `${NOW}
local versions, since, key, version, lifeMs = KEYS[1], KEYS[2], ARGV[1], ARGV[2], tonumber(ARGV[3])
redis.call('ZADD', versions, 'GT', version, key)
redis.call('ZADD', since, nowMs, key)
local outdated = redis.call('ZRANGEBYSCORE', since, '-inf', nowMs - lifeMs, 'LIMIT', 0, 100)
if #outdated > 0 then
  redis.call('ZREM', versions, unpack(outdated))
  redis.call('ZREM', since, unpack(outdated))
end
redis.call('PEXPIRE', versions, lifeMs)
redis.call('PEXPIRE', since, lifeMs)
`;

/** Strikes out what has been set, unless a higher version is owed by now. */
const SETTLE = `
local versions, since, key, version = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local owed = redis.call('ZSCORE', versions, key)
if owed and tonumber(owed) <= version then
  redis.call('ZREM', versions, key)
  redis.call('ZREM', since, key)
end
`;

export const FUNCTIONS = {
  getOrLease: { lua: GET_OR_LEASE, numberOfKeys: 4 },
  fill: { lua: FILL, numberOfKeys: 3 },
  release: { lua: RELEASE, numberOfKeys: 1 },
  mark: { lua: MARK, numberOfKeys: 3 },
  enter: { lua: ENTER, numberOfKeys: 1 },
  fence: { lua: FENCE, numberOfKeys: 3 },
  owe: { lua: OWE, numberOfKeys: 2 },
  settle: { lua: SETTLE, numberOfKeys: 2 },
  ...LIMIT_FUNCTIONS,
  ...CALL_FUNCTIONS,
  ...TALLY_FUNCTIONS,
  ...HOLD_FUNCTIONS,
};

type Argument = string | number;

/** The functions as commands of the client. */
export interface FunctionCommands extends LimitCommands, CallCommands, TallyCommands {
  getOrLease(...keysThenArguments: Argument[]): Promise<string[]>;
  fill(...keysThenArguments: Argument[]): Promise<string>;
  release(...keysThenArguments: Argument[]): Promise<unknown>;
  mark(...keysThenArguments: Argument[]): Promise<unknown>;
  enter(...keysThenArguments: Argument[]): Promise<unknown>;
  fence(...keysThenArguments: Argument[]): Promise<unknown>;
  owe(...keysThenArguments: Argument[]): Promise<unknown>;
  settle(...keysThenArguments: Argument[]): Promise<unknown>;
  announceMove(...keysThenArguments: Argument[]): Promise<MoveAnswer>;
  takeHold(...keysThenArguments: Argument[]): Promise<HoldAnswer>;
}
