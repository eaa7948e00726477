import { type Footing, reasonsAgainstHold } from '../../../cli/holds/reasons';

const HELD: Footing = {
  unit: 'a1',
  writer: 'A',
  heldIn: 'A',
  epochs: [7],
  clusters: 1,
  isArbiterHeard: false,
  answers: { A: 'held', B: 'held' },
  askedForMs: 1500,
};

const against = (change: Partial<Footing>) => reasonsAgainstHold({ ...HELD, ...change });

test('a unit is held by hand where nothing speaks against it', () => {
  expect(reasonsAgainstHold(HELD)).toEqual([]);
});

test.each<[string, Partial<Footing>, RegExp]>([
  ['the arbiter answers', { isArbiterHeard: true }, /the arbiter answers/],
  ['its writer was moved', { writer: 'B' }, /do not stand in region A any more/],
  ['its writer is being moved', { writer: undefined }, /or are moved/],
  ['its fence names another epoch than its lease', { epochs: [] }, /no lease that could be extended/],
  ['only one of its clusters has a lease', { clusters: 2 }, /no lease that could be extended/],
  ['its clusters are of two epochs', { clusters: 2, epochs: [7, 8] }, /no lease that could be extended/],
  ['a cache does not answer', { answers: { A: 'held', B: undefined } }, /the cache of region B does not answer/],
  ['a region reaches the arbiter', { answers: { A: 'seen', B: 'held' } }, /region A reaches the arbiter/],
  ['a region says nothing', { answers: { A: 'held', B: 'unconfirmed' } }, /no heartbeat of region B/],
  ['somebody moves it', { answers: { A: 'moving', B: 'held' } }, /moved under a later epoch/],
  ['a cache has just begun', { answers: { A: 'held', B: 'young' } }, /may have forgotten/],
  ['all of it took too long', { askedForMs: 1501 }, /took 1501 ms/],
])('it is not held where %s', (_, change, reason) => {
  expect(against(change).join()).toMatch(reason);
});
