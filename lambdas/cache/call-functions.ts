/** Recent calls, counted by the second; every key of them has one hash tag. */

/** How long a second is kept. */
const KEPT_S = 600;
/** Most kinds of calls that are told apart in a second; all others are counted together. */
const MOST_KINDS = 1000;
/** An environment that has told nothing for so long is counted no more. */
const PRESENT_S = 10;

/** Adds calls to the second in which they came; says how many environments of each class did so lately. */
const REPORT_CALLS = `
local environment, trafficClass, ageS = ARGV[1], ARGV[2], tonumber(ARGV[3])
local nowS = tonumber(redis.call('TIME')[1])
local second = KEYS[1] .. ':' .. (nowS - ageS)
for at = 4, #ARGV, 2 do
  local kind = ARGV[at]
  if redis.call('HLEN', second) >= ${MOST_KINDS} and redis.call('HEXISTS', second, kind) == 0 then kind = trafficClass .. ' * *' end
  redis.call('HINCRBY', second, kind, ARGV[at + 1])
end
redis.call('EXPIRE', second, ${KEPT_S})
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

export const CALL_FUNCTIONS = {
  reportCalls: { lua: REPORT_CALLS, numberOfKeys: 4 },
  recentCalls: { lua: RECENT_CALLS, numberOfKeys: 1 },
};

/** The functions as commands of the client. */
export interface CallCommands {
  reportCalls(...keysThenArguments: (string | number)[]): Promise<number[]>;
  recentCalls(...keysThenArguments: (string | number)[]): Promise<(number | string[])[]>;
}
