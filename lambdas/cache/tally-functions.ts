/** What environments of a region count together: accounts, and how often each is asked for in a second. */

/** Accounts of one tally; while there are so many, new ones are not taken in. Once a second what is over is dropped. */
const MOST_ACCOUNTS = 4096;
/** Longer than what a tally remembers. */
const KEPT_MS = 10_000;

/**
 * Adds to what was told of accounts in this second, and says what was told of each in both of the two seconds before: the
 * lower of the two, because one of them may have been told of twice by somebody.
 */
const TALLY = `
local tally = KEYS[1]
local second = tonumber(redis.call('TIME')[1])
if redis.call('HLEN', tally) >= ${MOST_ACCOUNTS} and redis.call('HGET', tally, '#') ~= tostring(second) then
  redis.call('HSET', tally, '#', second)
  local kept = redis.call('HGETALL', tally)
  for at = 1, #kept, 2 do
    if tonumber(string.match(kept[at + 1], '^%d+')) < second - 2 then redis.call('HDEL', tally, kept[at]) end
  end
end
local isFull = redis.call('HLEN', tally) >= ${MOST_ACCOUNTS}
local totals = {}
for at = 1, #ARGV, 2 do
  local last, this, before, former = 0, 0, 0, 0
  local kept = redis.call('HGET', tally, ARGV[at])
  if kept then
    local a, b, c, d = string.match(kept, '^(%d+) (%d+) (%d+) (%d+)$')
    last, this, before, former = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
  end
  local passed = second - last
  if passed == 1 then this, before, former = 0, this, before
  elseif passed == 2 then this, before, former = 0, 0, this
  elseif passed ~= 0 then this, before, former = 0, 0, 0 end
  this = this + tonumber(ARGV[at + 1])
  if kept or not isFull then
    redis.call('HSET', tally, ARGV[at], string.format('%d %d %d %d', second, this, before, former))
  end
  totals[#totals + 1] = math.min(before, former)
end
redis.call('PEXPIRE', tally, ${KEPT_MS})
return totals
`;

export const TALLY_FUNCTIONS = { tally: { lua: TALLY, numberOfKeys: 1 } };

/** The function as a command of the client. */
export interface TallyCommands {
  tally(...keysThenArguments: (string | number)[]): Promise<number[]>;
}
