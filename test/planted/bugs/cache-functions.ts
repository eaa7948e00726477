import type { PlantedBug } from '../bug';

const FUNCTIONS = 'lambdas/cache/functions.ts';
const functions = (test: string) => ({ file: 'test/engine/cache/functions.test.ts', test });
const readThrough = (test: string) => ({ file: 'test/engine/cache/read-through.test.ts', test });
const regions = (test: string) => ({ file: 'test/engine/cache/regions.test.ts', test });

const FILL_BELOW_FLOOR = "if version < tonumber(redis.call('GET', floor) or '0') then return 'below-floor' end";
const FILL_UNDER_LEASE = "if redis.call('GET', lease) ~= token then return 'no-lease' end";
const FILL_ABOVE_PRESENT =
  "if head and generationOf(head) >= generation and versionOf(head) >= version then return 'kept' end";
const RAISE_FLOOR =
  "if version >= tonumber(redis.call('GET', floor) or '0') then redis.call('SET', floor, ARGV[1], 'PX', lifeMs) end";

/** In what Redis does in one step. */
export const CACHE_FUNCTION_BUGS: readonly PlantedBug[] = [
  {
    name: 'fill-asks-for-no-floor',
    races: [2, 5],
    file: FUNCTIONS,
    from: FILL_BELOW_FLOOR,
    to: '',
    caughtBy: functions('races 2, 5: is refused below the floor'),
  },
  {
    name: 'fill-asks-for-no-lease',
    races: [2, 19],
    file: FUNCTIONS,
    from: FILL_UNDER_LEASE,
    to: '',
    caughtBy: functions('races 2, 19: is refused when the lease has run out'),
  },
  {
    name: 'fill-under-anybodys-lease',
    races: [2, 19],
    file: FUNCTIONS,
    from: FILL_UNDER_LEASE,
    to: "if not redis.call('GET', lease) then return 'no-lease' end",
    caughtBy: functions('races 2, 19: is refused when the lease has run out'),
  },
  {
    name: 'fill-replaces-what-is-newer',
    races: [4],
    file: FUNCTIONS,
    from: FILL_ABOVE_PRESENT,
    to: '',
    caughtBy: functions('race 4: keeps what is present at the same version or above'),
  },
  {
    name: 'fill-lets-old-generations-stand',
    races: [48],
    file: FUNCTIONS,
    from: FILL_ABOVE_PRESENT,
    to: "if head and versionOf(head) >= version then return 'kept' end",
    caughtBy: functions('race 48: make values of a lower one misses'),
  },
  {
    name: 'fill-of-an-old-generation-replaces-a-new-one',
    races: [48],
    file: FUNCTIONS,
    from: FILL_ABOVE_PRESENT,
    to: "if head and generationOf(head) == generation and versionOf(head) >= version then return 'kept' end",
    caughtBy: functions('race 48: keep a fill that began under a lower one'),
  },
  {
    name: 'floor-rounded-by-lua',
    races: [4],
    file: FUNCTIONS,
    from: "redis.call('SET', floor, ARGV[1], 'PX', lifeMs)",
    to: "redis.call('SET', floor, tostring(version), 'PX', lifeMs)",
    caughtBy: functions('race 4: tells the floor, to the last digit'),
  },
  {
    name: 'release-of-anybodys-lease',
    races: [19],
    file: FUNCTIONS,
    from: "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end",
    to: "redis.call('DEL', KEYS[1])",
    caughtBy: functions('race 19: gives back the own lease only'),
  },
  {
    name: 'lease-for-everyone',
    races: [17],
    file: FUNCTIONS,
    from: "'PX', leaseMs, 'NX')",
    to: "'PX', leaseMs)",
    caughtBy: functions('race 17: gives the lease to one reader only'),
  },
  {
    name: 'lease-without-end',
    races: [17],
    file: FUNCTIONS,
    from: "redis.call('SET', lease, token, 'PX', leaseMs, 'NX')",
    to: "redis.call('SET', lease, token, 'NX')",
    caughtBy: functions('race 17: gives a lease for 3 s'),
  },
  {
    name: 'mark-leaves-the-lease',
    races: [2],
    file: FUNCTIONS,
    from: "redis.call('DEL', value, lease)",
    to: "redis.call('DEL', value)",
    caughtBy: functions('race 2: deletes the value and voids the lease'),
  },
  {
    name: 'fence-lowers-the-floor',
    races: [4],
    file: FUNCTIONS,
    from: RAISE_FLOOR,
    to: "redis.call('SET', floor, ARGV[1], 'PX', lifeMs)",
    caughtBy: functions('race 4: never lowers the floor'),
  },
  {
    name: 'fence-raises-no-floor',
    races: [2, 5],
    file: FUNCTIONS,
    from: RAISE_FLOOR,
    to: '',
    caughtBy: readThrough('race 2: keep it from doing so also when the mark was lost'),
  },
  {
    name: 'fence-is-not-prolonged',
    races: [2],
    file: FUNCTIONS,
    from: "if version >= tonumber(redis.call('GET', floor) or '0') then redis.call('SET'",
    to: "if version > tonumber(redis.call('GET', floor) or '0') then redis.call('SET'",
    caughtBy: functions('race 2: stands for 120 s'),
  },
  {
    name: 'fence-leaves-the-older-value',
    races: [2, 4],
    file: FUNCTIONS,
    from: "if head and versionOf(head) < version then redis.call('DEL', value) end",
    to: '',
    caughtBy: functions('races 2, 4: deletes what is older, and only that'),
  },
  {
    name: 'negative-stands-above-its-fence',
    races: [16],
    file: FUNCTIONS,
    from: 'if head and versionOf(head) < version then',
    to: "if head and string.sub(head, 1, 1) ~= 'n' and versionOf(head) < version then",
    caughtBy: readThrough('race 16: keep a negative from hiding what was bound after it'),
  },
  {
    name: 'owed-version-sinks',
    races: [49],
    file: FUNCTIONS,
    from: "redis.call('ZADD', versions, 'GT', version, key)",
    to: "redis.call('ZADD', versions, version, key)",
    caughtBy: regions('race 49: is kept what it is owed, and told the highest version once it answers'),
  },
  {
    name: 'higher-debt-is-struck-out-with-a-lower-one',
    races: [49],
    file: FUNCTIONS,
    from: 'if owed and tonumber(owed) <= version then',
    to: 'if owed then',
    caughtBy: regions('race 49: is struck out only up to the version that was told'),
  },
];
