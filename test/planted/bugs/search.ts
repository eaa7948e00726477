import type { PlantedBug } from '../bug';

const OPERATIONS = 'lambdas/search/operations.ts';
const WRITER = 'lambdas/search/writer.ts';
const tombstones = (test: string) => ({ file: 'test/engine/search/tombstones.test.ts', test });
const writes = (test: string) => ({ file: 'test/engine/search/write.test.ts', test });
const orders = (test: string) => ({ file: 'test/engine/search/order-of-events.test.ts', test });

const PUT = `    JSON.stringify({ index: { _index: index, _id: id, routing, version, version_type: versionType } }),
    JSON.stringify(source),
`;
const deletedIf = (condition: string) => `    ...((source as { status?: string; removed?: boolean }).${condition}
      ? [JSON.stringify({ delete: { _index: index, _id: id, routing, version, version_type: 'external' } })]
      : [
          JSON.stringify({ index: { _index: index, _id: id, routing, version, version_type: 'external' } }),
          JSON.stringify(source),
        ]),
`;

export const SEARCH_BUGS: readonly PlantedBug[] = [
  {
    name: 'read-by-id-waits-for-a-refresh',
    races: [1],
    file: 'lambdas/search/readers.ts',
    from: 'encodeURIComponent(memberId)}`;',
    to: 'encodeURIComponent(memberId)}?realtime=false`;',
    caughtBy: tombstones('race 1: a member is read by id as it was written last'),
  },
  {
    name: 'last-event-to-come-wins',
    races: [4, 6],
    file: OPERATIONS,
    from: ', version, version_type: versionType }',
    to: ' }',
    caughtBy: orders('races 4, 6: the same events, shuffled and duplicated, give the same indices'),
  },
  {
    name: 'conflict-is-a-failure',
    races: [6],
    file: WRITER,
    from: ' || status === 409;',
    to: ';',
    caughtBy: writes('race 6: a '),
  },
  {
    name: 'closed-member-is-deleted',
    races: [7],
    file: OPERATIONS,
    from: PUT,
    to: deletedIf("status === 'closed'"),
    caughtBy: tombstones('race 7: a member who was closed is not revived by an old event'),
  },
  {
    name: 'removed-key-is-deleted',
    races: [47],
    file: OPERATIONS,
    from: PUT,
    to: deletedIf('removed === true'),
    caughtBy: tombstones('race 47: a key that was removed is not revived by an old event'),
  },
  {
    name: 'removed-key-stays',
    races: [47],
    file: OPERATIONS,
    from: 'const removed = removedKeys.filter((key) => !presentTexts.has(lookupKeyText(key)));',
    to: 'const removed: typeof removedKeys = [];',
    caughtBy: tombstones('race 47: a key that was removed is not revived by an old event'),
  },
  {
    name: 'overloaded-domain-makes-dead-letters',
    races: [46],
    file: WRITER,
    from: 'retriable: item?.status !== 400',
    to: 'retriable: false',
    caughtBy: { file: 'test/unit/search/operations.test.ts', test: 'race 46: an answer of ' },
  },
  {
    name: 'ill-event-takes-its-neighbours-along',
    races: [9],
    file: WRITER,
    from: 'if (groups.length === 1) return [[{ status: 400,',
    to: 'if (groups.length > 1) return groups.map(() => [{ status: 400 }]);\n  if (groups.length === 1) return [[{ status: 400,',
    caughtBy: writes('race 9: an ill event is told apart, the others stand'),
  },
];
