import { type CallFrame, groupOf, selfTimes } from '../../../bench/profile/self-time';

const frame = (functionName: string, url = '', lineNumber = 0): CallFrame => ({
  functionName,
  url,
  lineNumber,
  columnNumber: 0,
});
const nowhere = () => undefined;

const PROFILE = {
  nodes: [
    { id: 1, callFrame: frame('(root)') },
    { id: 2, callFrame: frame('a', '/bundles/members.cjs', 1) },
    { id: 3, callFrame: frame('b', '/bundles/members.cjs', 2) },
    { id: 4, callFrame: frame('(idle)') },
    { id: 5, callFrame: frame('(garbage collector)') },
  ],
  samples: [2, 3, 4, 2, 5],
  timeDeltas: [100, 300, 5000, 50, 50],
};

test('time goes to the function that was running; idling does not count', () => {
  const { busyUs, frames } = selfTimes(PROFILE, nowhere);
  expect(busyUs).toBe(500);
  expect(frames.map(({ us }) => us)).toEqual([300, 150, 50]);
  expect(frames[0]?.share).toBeCloseTo(0.6);
});

test('functions are grouped by where they stand in the sources', () => {
  const places = [
    undefined,
    { file: 'lambdas/cache/server.ts', line: 5 },
    { file: 'node_modules/ioredis/built/Redis.js', line: 9 },
  ];
  const { groups } = selfTimes(PROFILE, ({ lineNumber }) => places[lineNumber]);
  expect(groups.map(({ name, us }) => [name, us])).toEqual([
    ['ioredis', 300],
    ['lambdas/cache', 150],
    ['garbage collector', 50],
  ]);
});

test.each([
  [frame('x', 'node:net'), undefined, 'node'],
  [frame('writev'), undefined, 'native'],
  [frame('x', '/b.cjs'), { file: 'node_modules/@aws-sdk/client-sns/a.js', line: 1 }, '@aws-sdk/client-sns'],
  [frame('x', '/b.cjs'), { file: 'node_modules/a/node_modules/b/c.js', line: 1 }, 'b'],
  [frame('x', '/b.cjs'), { file: 'lambdas/handlers/http/router.ts', line: 1 }, 'lambdas/handlers'],
])('%j belongs to its room or package', (of, place, group) => {
  expect(groupOf(of, place)).toBe(group);
});
