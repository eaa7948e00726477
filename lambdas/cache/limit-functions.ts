/**
 * Limits of calls, counted in one step each. The algorithms are those of `lambdas/traffic/flow/algorithms`, to the last
 * digit: numbers are whole and below 2^53, which Lua keeps exact, and which are written without rounding.
 */

/** Longer than any window: what is forgotten begins anew, with its whole burst. */
const LIFE_MS = 86_400_000;

/**
 * The limit's own clock goes on with that of the server, and never back. Where the asking environment has seen it before, it
 * goes on by what has passed there at least, and at most.
 */
const HEADER = `
local key = KEYS[1]
local calls, windowUs, warmUpUs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wanted, mostWaitUs = tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local wallUs = time[1] * 1000000 + time[2]
local kept = redis.call('HMGET', key, 'born', 'wall', 'now', 'first', 'second', 'third')
local isNew = not kept[1]
local bornUs, nowUs = wallUs, wallUs
if not isNew then
  bornUs = tonumber(kept[1])
  local lastUs = tonumber(kept[3])
  nowUs = lastUs + math.max(0, wallUs - tonumber(kept[2]))
  if ARGV[6] == kept[1] then
    local seenUs, leastUs, mostUs = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
    nowUs = math.max(lastUs, math.min(math.max(nowUs, seenUs + leastUs), seenUs + mostUs))
  end
end
local function decided(granted, waitUs, retryAfterUs, goodForUs, first, second, third)
  redis.call('HSET', key, 'born', bornUs, 'wall', wallUs, 'now', nowUs,
    'first', first, 'second', second or 0, 'third', third or 0)
  redis.call('PEXPIRE', key, ${LIFE_MS})
  if granted ~= 0 then retryAfterUs = 0 end
  return { granted, waitUs, retryAfterUs, goodForUs, bornUs, nowUs }
end
`;

const TAKE_COUNTER = `${HEADER}
local startUs, used = tonumber(kept[4]), tonumber(kept[5])
if isNew or nowUs >= startUs + windowUs then
  startUs, used = nowUs - math.fmod(nowUs, windowUs), 0
end
local granted = math.max(0, math.min(wanted, calls - used))
local leftUs = startUs + windowUs - nowUs
return decided(granted, 0, leftUs, leftUs, startUs, used + granted)
`;

/** Parts stand in a list of their own, each as its end and its calls. */
const TAKE_SLIDING_WINDOW = `${HEADER}
local parts = KEYS[2]
local used = isNew and 0 or tonumber(kept[4])
if isNew then redis.call('DEL', parts) end
local oldest = redis.call('LRANGE', parts, 0, 1)
while oldest[1] and tonumber(oldest[1]) + windowUs <= nowUs do
  redis.call('LPOP', parts, 2)
  used = used - tonumber(oldest[2])
  oldest = redis.call('LRANGE', parts, 0, 1)
end
local granted = math.max(0, math.min(wanted, calls - used))
if wanted < 0 then
  local left = math.min(-wanted, used)
  granted = -left
  while left > 0 do
    local count = tonumber(oldest[2])
    local taken = math.min(left, count)
    left = left - taken
    if taken < count then redis.call('LSET', parts, 1, count - taken) else redis.call('LPOP', parts, 2) end
    oldest = redis.call('LRANGE', parts, 0, 1)
  end
elseif granted > 0 then
  local partUs = math.ceil(windowUs / 100)
  local endUs = nowUs - math.fmod(nowUs, partUs) + partUs
  local last = redis.call('LRANGE', parts, -2, -1)
  if last[1] and tonumber(last[1]) == endUs then
    redis.call('LSET', parts, -1, tonumber(last[2]) + granted)
  else
    redis.call('RPUSH', parts, endUs, granted)
  end
  redis.call('PEXPIRE', parts, ${LIFE_MS})
end
return decided(granted, 0, (tonumber(oldest[1] or nowUs)) + windowUs - nowUs, -1, used + granted)
`;

/** What was counted by another window, in units of this one. */
const BUCKET = `${HEADER}
local units, atUs, ofWindowUs = tonumber(kept[4]), tonumber(kept[5]), tonumber(kept[6])
local sinceUs = isNew and 0 or math.min(windowUs, nowUs - atUs)
`;

const TAKE_TOKEN_BUCKET = `${BUCKET}
local full = calls * windowUs
if isNew then units = full
elseif ofWindowUs ~= windowUs then units = math.floor(units / ofWindowUs * windowUs) end
units = math.min(full, units + sinceUs * calls)
local granted = math.min(wanted, math.floor(units / windowUs))
local left = units - granted * windowUs
return decided(granted, 0, math.ceil((windowUs - left) / calls), -1, left, nowUs, windowUs)
`;

const TAKE_LEAKY_BUCKET = `${BUCKET}
local backlog = 0
if not isNew then
  if ofWindowUs ~= windowUs then units = math.ceil(units / ofWindowUs * windowUs) end
  backlog = math.max(0, units - sinceUs * calls)
end
local most = math.min((calls - 1) * windowUs, math.min(mostWaitUs, windowUs) * calls)
local granted = math.max(0, math.min(wanted, math.floor((most - backlog) / windowUs) + 1))
local retryAfterUs = math.max(1, math.ceil((backlog - most) / calls))
return decided(granted, math.ceil(backlog / calls), retryAfterUs, -1, backlog + granted * windowUs, nowUs, windowUs)
`;

/** Of the three fields of a bucket the last one also holds how cold it is, behind the window. */
const TAKE_WARM_UP = `${HEADER}
local function partAt(coldUs) return 30 - 2 * math.ceil(coldUs * 10 / warmUpUs) end
local function sizeAt(coldUs) return windowUs * math.max(30, calls * partAt(coldUs)) end
local units, coldUs, leftUs = sizeAt(warmUpUs), warmUpUs, 0
if not isNew then
  units, leftUs = tonumber(kept[4]), nowUs - tonumber(kept[5])
  local ofWindowUs, ofColdUs = string.match(kept[6], '^(%d+) (%d+)$')
  if tonumber(ofWindowUs) ~= windowUs then units = math.floor(units / tonumber(ofWindowUs) * windowUs) end
  coldUs = math.min(tonumber(ofColdUs), warmUpUs)
end
units = math.min(units, sizeAt(coldUs))
local stepUs = warmUpUs / 10
while leftUs > 0 and units < sizeAt(coldUs) do
  local speed = calls * partAt(coldUs)
  local fillUs = math.ceil((sizeAt(coldUs) - units) / speed)
  local warmUs = coldUs == 0 and leftUs or coldUs - (math.ceil(coldUs / stepUs) - 1) * stepUs
  local stretchUs = math.min(leftUs, fillUs, warmUs)
  units = math.min(sizeAt(coldUs), units + stretchUs * speed)
  coldUs = math.max(0, coldUs - stretchUs)
  leftUs = leftUs - stretchUs
end
coldUs = math.min(warmUpUs, coldUs + leftUs)
units = math.min(units, sizeAt(coldUs))
local token = windowUs * 30
local granted = math.min(wanted, math.floor(units / token))
local left = units - granted * token
local retryAfterUs = math.max(1, math.ceil((token - left) / (calls * partAt(coldUs))))
return decided(granted, 0, retryAfterUs, -1, left, nowUs, string.format('%.0f %.0f', windowUs, coldUs))
`;

export const LIMIT_FUNCTIONS = {
  takeCounter: { lua: TAKE_COUNTER, numberOfKeys: 2 },
  takeSlidingWindow: { lua: TAKE_SLIDING_WINDOW, numberOfKeys: 2 },
  takeTokenBucket: { lua: TAKE_TOKEN_BUCKET, numberOfKeys: 2 },
  takeLeakyBucket: { lua: TAKE_LEAKY_BUCKET, numberOfKeys: 2 },
  takeWarmUp: { lua: TAKE_WARM_UP, numberOfKeys: 2 },
};

/** The functions as commands of the client. */
export type LimitCommands = {
  [Name in keyof typeof LIMIT_FUNCTIONS]: (...keysThenArguments: (string | number)[]) => Promise<number[]>;
};
