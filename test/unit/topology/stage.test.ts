import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { DEFAULT_STAGE_TOPOLOGY, PLACEMENTS, readStageTopology, unitsOf } from '../../../topology';

const TOLD = {
  awsRegions: { A: 'eu-west-1', B: 'eu-central-1', witness: 'eu-west-2' },
  clustersPerUnit: 4,
  writerPatienceMs: 60_000,
  promotableLagMs: 30_000,
};

test('where nothing is told, the defaults stand', () => {
  expect(readStageTopology(undefined)).toBe(DEFAULT_STAGE_TOPOLOGY);
});

test('what is told stands', () => {
  expect(readStageTopology(JSON.stringify(TOLD))).toEqual(TOLD);
});

test.each([0, 3, -4, 1.5, 64, '2', undefined])('%p clusters of a unit are refused', (clustersPerUnit) => {
  expect(() => readStageTopology(JSON.stringify({ ...TOLD, clustersPerUnit }))).toThrow('power of two');
});

test.each([-1, 0.5, '60', undefined])('a patience or a lag of %p is refused', (ms) => {
  for (const name of ['writerPatienceMs', 'promotableLagMs']) {
    expect(() => readStageTopology(JSON.stringify({ ...TOLD, [name]: ms }))).toThrow(name);
  }
});

test.each([{}, { A: 'eu-west-1', B: 'eu-central-1' }, { A: 1, B: 2, witness: 3 }])(
  'regions %p are refused',
  (awsRegions) => {
    expect(() => readStageTopology(JSON.stringify({ ...TOLD, awsRegions }))).toThrow('regions');
  },
);

test('the first cluster of a unit bears its name, and keeps it when there are more', () => {
  expect(unitsOf(1).map(({ clusters }) => clusters)).toEqual([['a1'], ['b1']]);
  expect(unitsOf(2).map(({ clusters }) => clusters)).toEqual([
    ['a1', 'a1-2'],
    ['b1', 'b1-2'],
  ]);
});

test('a process that is told has the regions, and every placement in one range of one of its clusters', () => {
  const script =
    "const { AWS_REGIONS, SHARD_MAP } = require('./topology'); console.log(JSON.stringify({ AWS_REGIONS, SHARD_MAP }))";
  const root = join(__dirname, '..', '..', '..');
  const output = execFileSync(process.execPath, ['--require', 'tsx/cjs', '--eval', script], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TWINKEEP_TOPOLOGY: JSON.stringify(TOLD) },
  });
  const { AWS_REGIONS, SHARD_MAP } = JSON.parse(output);
  expect(AWS_REGIONS).toEqual(TOLD.awsRegions);
  expect(new Set(SHARD_MAP.map(({ cluster }: { cluster: string }) => cluster))).toEqual(
    new Set(unitsOf(4).flatMap(({ clusters }) => clusters)),
  );
  let next = 0;
  for (const { from, to } of SHARD_MAP) {
    expect(from).toBe(next);
    next = to + 1;
  }
  expect(next).toBe(PLACEMENTS);
});
