import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkStage, readStage, STAGES, WrongConfiguration } from '../../lib/configuration';
import { runApp } from './support/app';

const directory = mkdtempSync(join(tmpdir(), 'twinkeep-stage-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;

function file(content: unknown): string {
  files += 1;
  const path = join(directory, `${files}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function complaint(content: unknown): string {
  try {
    readStage(file(content));
  } catch (error) {
    if (error instanceof WrongConfiguration) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

test('small is what stands where nothing is said', () => {
  expect(readStage()).toEqual(STAGES.small);
});

test.each(Object.keys(STAGES))('the stage %s is right', (name) => {
  expect(checkStage(name, STAGES[name as keyof typeof STAGES])).toEqual(STAGES[name as keyof typeof STAGES]);
});

test('a file changes what it says, and nothing else', () => {
  const stage = readStage(
    file({ extends: 'large', name: 'acme', cache: { shards: 4 }, network: { zones: ['a', 'b'] } }),
  );
  expect(stage).toEqual({
    ...STAGES.large,
    name: 'acme',
    cache: { ...STAGES.large.cache, shards: 4 },
    network: { ...STAGES.large.network, zones: ['a', 'b'] },
  });
});

test('another kind of instance keeps nothing of the kind before', () => {
  const instance = { kind: 'provisioned', type: 'r7g.large' };
  expect(readStage(file({ extends: 'small', name: 'acme', databases: { instance } })).databases.instance).toEqual(
    instance,
  );
});

test('a file is not deployed over the stage that it changes, unless it says so', () => {
  expect(complaint({ extends: 'small', cache: { shards: 2 } })).toContain('\n  name: must be said: ');
  expect(readStage(file({ extends: 'small', name: 'small' }))).toEqual(STAGES.small);
});

test.each([
  ['no such stage', () => readStage('nosuch'), 'no such file, and no such stage: small, large'],
  ['a directory', () => readStage(directory), 'the file cannot be read: EISDIR'],
  ['no JSON', () => readStage(file('{')), 'not JSON'],
  ['no object', () => readStage(file([])), 'JSON object'],
  ['no base', () => readStage(file({ name: 'acme' })), 'extends: must name one of small, large'],
  ['an inherited name', () => readStage(file({ extends: 'toString' })), 'extends: must name one of'],
])('%s is refused', (_case, read, reason) => {
  expect(read).toThrow(reason);
});

const CERTIFICATES = {
  A: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
  B: 'arn:aws:acm:us-east-2:123456789012:certificate/1',
};

/** Every field, with values that it must not have, and where the complaint must point. */
const WRONG: readonly (readonly [path: string, changes: object])[] = [
  ...['', 'A', 'has-hyphen', '1st', 'tenletters'].map((name) => ['name', { name }] as const),
  ['regions', { regions: { B: 'us-east-1' } }],
  ['regions', { regions: { B: 'eu-west-1' } }],
  ['regions', { regions: { witness: 'us-west-1' } }],
  ['regions.A', { regions: { A: 1 } }],
  ['keepsAccountSettings', { keepsAccountSettings: 'yes' }],
  ['network.cidrs.A', { network: { cidrs: { A: '10.0.0.0/24' } } }],
  ['network.cidrs.A', { network: { cidrs: { A: '10.0.0.0/8' } } }],
  ['network.cidrs.B', { network: { cidrs: { B: '10.0.0.1/16' } } }],
  ['network.cidrs.B', { network: { cidrs: { B: '10.256.0.0/16' } } }],
  ['network.cidrs', { network: { cidrs: { A: '10.0.0.0/16', B: '10.0.16.0/20' } } }],
  ['network.zones', { network: { zones: ['a'] } }],
  ['network.zones', { network: { zones: ['a', 'a'] } }],
  ['network.zones', { network: { zones: ['a', 'b', 'c', 'd'] } }],
  ['network.zones', { network: { zones: ['a', 'd'] } }],
  ['network.zones.1', { network: { zones: ['a', 'us-east-1b'] } }],
  ...[0, 3, 64, 1.5].map(
    (clustersPerUnit) => ['databases.clustersPerUnit', { databases: { clustersPerUnit } }] as const,
  ),
  ['databases.instance.kind', { databases: { instance: { kind: 'huge' } } }],
  ['databases.instance.minAcu', { databases: { instance: { minAcu: 0.3 } } }],
  ['databases.instance.maxAcu', { databases: { instance: { minAcu: 4, maxAcu: 2 } } }],
  ['databases.instance.maxAcu', { databases: { instance: { maxAcu: 300 } } }],
  ['databases.instance.type', { databases: { instance: { kind: 'provisioned', type: 'db.r7g.large' } } }],
  ['databases.instance.type', { databases: { instance: { kind: 'provisioned', type: 'm7g.large' } } }],
  ['databases.instance.type', { databases: { instance: { kind: 'provisioned', type: 't4g.medium' } } }],
  ['databases.instancesAtHome', { databases: { instancesAtHome: 0 } }],
  ['databases.writerPatienceS', { databases: { writerPatienceS: -1 } }],
  ['databases.promotableLagS', { databases: { promotableLagS: 9 } }],
  ['databases.instancesAway', { databases: { instancesAway: 16 } }],
  ['databases.storage', { databases: { storage: 'fast' } }],
  ['databases.proxy', { databases: { proxy: 1 } }],
  ['databases.backupRetentionDays', { databases: { backupRetentionDays: 36 } }],
  ['cache.nodeType', { cache: { nodeType: 't4g.micro' } }],
  ['cache.shards', { cache: { shards: 0 } }],
  ['cache.shards', { cache: { shards: 90, replicasPerShard: 5 } }],
  ['cache.replicasPerShard', { cache: { replicasPerShard: 6 } }],
  ['search.order.type', { search: { order: { type: 't3.small' } } }],
  ['search.order.type', { search: { order: { type: 't2.small.search' } } }],
  ['search.order.nodes', { search: { order: { nodes: 3 } } }],
  ['search.standby.nodes', { search: { standby: { nodes: 0 } } }],
  ['search.marketing.storageGbPerNode', { search: { marketing: { storageGbPerNode: 5 } } }],
  ['search.marketing.masterType', { search: { marketing: { masterType: 'large' } } }],
  ['functions.memoryMb.api', { functions: { memoryMb: { api: 64 } } }],
  ['functions.memoryMb.queue', { functions: { memoryMb: { queue: 20_000 } } }],
  ['functions.memoryMb.other', { functions: { memoryMb: { other: '256' } } }],
  ['functions.reservedConcurrency.order', { functions: { reservedConcurrency: { order: 0 } } }],
  ['functions.accountConcurrency', { functions: { reservedConcurrency: { order: 900 } } }],
  ['functions.accountConcurrency', { functions: { accountConcurrency: 10 } }],
  ['functions.warmOrder', { functions: { warmOrder: 257 } }],
  ['functions.canary', { functions: { canary: 'never' } }],
  ['functions.logRetentionDays', { functions: { logRetentionDays: 31 } }],
  ['api.ratePerAddress', { api: { ratePerAddress: 1 } }],
  ['api.deniedCidrs.0', { api: { deniedCidrs: ['192.0.2.1'] } }],
  ['api.deniedCidrs.0', { api: { deniedCidrs: ['0.0.0.0/0'] } }],
  ['api.throttle.ratePerS', { api: { throttle: { ratePerS: 0 } } }],
  ['api.throttle.burst', { api: { throttle: { burst: -1 } } }],
  ...[
    ['domainName', { domainName: 'Members.example.com' }],
    ['domainName', { domainName: 'members.example.org' }],
    ['zoneName', { zoneName: 'localhost' }],
    ['zoneId', { zoneId: 'zone' }],
    ['routing', { routing: 'random' }],
  ].map(([field, change]) => {
    const dns = { domainName: 'm.example.com', zoneName: 'example.com', zoneId: 'Z0123456789', routing: 'latency' };
    return [`api.dns.${field}`, { api: { dns: { ...dns, ...(change as object) } } }] as const;
  }),
  ['internalEntry.kind', { internalEntry: { kind: 'nlb' } }],
  ...[
    ['certificateArns.A', { certificateArns: { ...CERTIFICATES, A: 'certificate' } }],
    ['certificateArns.B', { certificateArns: { ...CERTIFICATES, B: CERTIFICATES.A } }],
    ['certificateArns', { certificateArns: undefined }],
    ['cidrs.0', { cidrs: ['10.60.0.1/16'] }],
    ['cidrs.0', { cidrs: ['0.0.0.0/0'] }],
    ['accessLogDays', { accessLogDays: -1 }],
  ].map(([field, change]) => {
    const entry = { kind: 'alb', certificateArns: CERTIFICATES, cidrs: [], accessLogDays: 0 };
    return [`internalEntry.${field}`, { internalEntry: { ...entry, ...(change as object) } }] as const;
  }),
  ['alarms.email', { alarms: { email: 'operators' } }],
  ['backup.retentionDays', { backup: { retentionDays: 0 } }],
  ['backup.copyToOtherRegion', { backup: { copyToOtherRegion: null } }],
  ['load.members', { load: { members: 0 } }],
  ['load.peakTps', { load: { peakTps: 0.5 } }],
  ['load.averageLoad', { load: { averageLoad: 2 } }],
  ['load.internal', { load: { internal: 1.1 } }],
  ['load.writes', { load: { writes: -0.1 } }],
];

test.each(WRONG)('%s must not be what %j says', (path, changes) => {
  expect(complaint({ extends: 'small', name: 'acme', ...changes })).toContain(`\n  ${path}: `);
});

test('an internal entry is one whole, whatever the stage before it has', () => {
  const internalEntry = { kind: 'alb', certificateArns: CERTIFICATES, cidrs: ['10.60.0.0/16'], accessLogDays: 30 };
  expect(readStage(file({ extends: 'large', name: 'acme', internalEntry })).internalEntry).toEqual(internalEntry);
});

test.each([
  [{ databse: {} }, 'the file: does not know "databse"; there are: name, regions,'],
  [{ cache: { shard: 2 } }, 'cache: does not know "shard"; there are: nodeType, shards, replicasPerShard'],
  [{ cache: { shards: 'two' } }, 'cache.shards: must be a number, not text'],
  [{ cache: { shards: 0 } }, 'cache.shards: must be at least 1'],
  [{ cache: null }, 'cache: must be an object of its own fields, not nothing'],
  [{ load: { writes: 1.5 } }, 'load.writes: must be at most 1'],
  [{ functions: { canary: 'never' } }, 'functions.canary: must be "'],
  [{ alarms: { email: 'nobody' } }, 'alarms.email: must be an e-mail address'],
  [{ internalEntry: { kind: 'alb', cidrs: [] } }, 'internalEntry.accessLogDays: must be said: a number'],
  [{ functions: { accountConcurrency: 500 } }, 'functions.accountConcurrency: must be at least '],
])('whoever wrote %j is told what to write instead', (changes, advice) => {
  expect(complaint({ extends: 'small', name: 'acme', ...changes })).toContain(`\n  ${advice}`);
});

test('no complaint is the validator’s own', () => {
  const complaints = WRONG.map(([, changes]) => complaint({ extends: 'small', name: 'acme', ...changes }));
  expect(
    complaints.filter((one) => /Invalid (input|option)|expected|received|Too (small|big)|Unrecognized/.test(one)),
  ).toEqual([]);
});

test('everything that is wrong is said at once', () => {
  const message = complaint({ extends: 'small', name: '', cache: { shards: 0 }, load: { members: 0 } });
  for (const path of ['name', 'cache.shards', 'load.members']) expect(message).toContain(`  ${path}: `);
});

/** Every leaf of a stage, as a path; indices of lists are left out. */
function leaves(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path.join('.')];
  return Object.entries(value).flatMap(([name, child]) => leaves(child, [...path, name]));
}

test('no field is without a value that is refused', () => {
  const tested = WRONG.map(([path]) => path);
  const sameFor = (path: string) =>
    path
      .replace(/^search\.(standby|marketing)\./, 'search.order.')
      .replace(/^functions\.reservedConcurrency\..*/, 'functions.reservedConcurrency.order');
  const untested = leaves(STAGES.small).filter((leaf) => {
    const same = sameFor(leaf);
    return !tested.some((path) =>
      [leaf, same].some(
        (one) => path === one || path.startsWith(`${one}.`) || sameFor(path) === one || one.startsWith(`${path}.`),
      ),
    );
  });
  expect(untested).toEqual([]);
});

test('a wrong stage fails the app, which says why and nothing else', async () => {
  const wrong = file({ extends: 'small', name: 'acme', cache: { shards: 0 } });
  const error = await runApp(wrong, join(directory, 'out')).catch((failure) => failure);
  expect(error.code).toBe(1);
  expect(error.stderr).toContain(`Stage ${wrong} can't be deployed as it is:\n  cache.shards: `);
  expect(error.stderr).not.toContain('    at ');
});
