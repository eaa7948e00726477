/** Recent calls, counted by the second; every key of them has one hash tag. */

/** How long a second is kept. */
const KEPT_S = 600;
/** Most kinds of calls that are told apart in a second; all others are counted together. */
const MOST_KINDS = 1000;
const S_PER_DAY = 86_400;
/** Days of which it is known who called, and what. */
export const KEPT_DAYS = 35;
/** An environment that has told nothing for so long is counted no more. */
const PRESENT_S = 10;

/** Adds calls to the second in which they came; says how many environments of each class did so lately. */
const REPORT_CALLS = `
local environment, trafficClass, ageS = ARGV[1], ARGV[2], tonumber(ARGV[3])
local nowS = tonumber(redis.call('TIME')[1])
local second = KEYS[1] .. ':' .. (nowS - ageS)
local day = KEYS[1] .. ':day:' .. math.floor((nowS - ageS) / ${S_PER_DAY})
for at = 4, #ARGV, 2 do
  local daily = ARGV[at]
  if redis.call('HLEN', day) >= ${MOST_KINDS} and redis.call('HEXISTS', day, daily) == 0 then daily = trafficClass .. ' * *' end
  redis.call('HINCRBY', day, daily, ARGV[at + 1])
  local kind = ARGV[at]
  if redis.call('HLEN', second) >= ${MOST_KINDS} and redis.call('HEXISTS', second, kind) == 0 then kind = trafficClass .. ' * *' end
  redis.call('HINCRBY', second, kind, ARGV[at + 1])
end
redis.call('EXPIRE', second, ${KEPT_S})
redis.call('EXPIRE', day, ${KEPT_DAYS * S_PER_DAY})
local present = {}
for at = 2, 4 do
  redis.call('ZREMRANGEBYSCORE', KEYS[at], '-inf', nowS - ${PRESENT_S})
  if KEYS[at] == KEYS[1] .. ':environments:' .. trafficClass then
    redis.call('ZADD', KEYS[at], nowS, environment)
    redis.call('EXPIRE', KEYS[at], ${KEPT_S})
  end
  present[at - 1] = redis.call('ZCARD', KEYS[at])
end
return present
`;

/** The last seconds, each with its kinds and their calls; those without calls are left out. */
const RECENT_CALLS = `
local nowS = tonumber(redis.call('TIME')[1])
local found = {}
for second = nowS - tonumber(ARGV[1]), nowS do
  local kinds = redis.call('HGETALL', KEYS[1] .. ':' .. second)
  if #kinds > 0 then
    found[#found + 1] = second
    found[#found + 1] = kinds
  end
end
return found
`;

/** The same of days, counted since 1970. */
const CALLS_BY_DAY = `
local today = math.floor(tonumber(redis.call('TIME')[1]) / ${S_PER_DAY})
local found = {}
for day = today - ${KEPT_DAYS}, today do
  local kinds = redis.call('HGETALL', KEYS[1] .. ':day:' .. day)
  if #kinds > 0 then
    found[#found + 1] = day
    found[#found + 1] = kinds
  end
end
return found
`;

export const CALL_FUNCTIONS = {
  reportCalls: { lua: REPORT_CALLS, numberOfKeys: 4 },
  recentCalls: { lua: RECENT_CALLS, numberOfKeys: 1 },
  callsByDay: { lua: CALLS_BY_DAY, numberOfKeys: 1 },
};

/** The functions as commands of the client. */
export interface CallCommands {
  reportCalls(...keysThenArguments: (string | number)[]): Promise<number[]>;
  recentCalls(...keysThenArguments: (string | number)[]): Promise<(number | string[])[]>;
  callsByDay(...keysThenArguments: (string | number)[]): Promise<(number | string[])[]>;
}
