import fc from 'fast-check';
import {
  afterLook,
  afterStep,
  begin,
  followerOf,
  isOpen,
  type Outcome,
  refusalOf,
} from '../../../local/clusters/decisions';
import { isWithin } from '../../../local/clusters/position';
import { type ClusterRecord, foundingRecord, type Move, type Snapshot } from '../../../local/clusters/record';
import { REGIONS } from '../../../topology';

const FOUNDING = foundingRecord('a1', 'A');
const WELL = { answers: true, isConnected: true };
const done = (position: string): Outcome => ({ kind: 'done', position });
const GIVEN_UP: Outcome = { kind: 'given-up' };

function snapshotAt(sharedUntil: string): Snapshot {
  return {
    id: 'rds:kept',
    cluster: 'a1',
    region: 'A',
    position: '0-1-9',
    sharedUntil,
    takenAt: '2025-06-01T00:00:00Z',
  };
}

/** The steps of a move, in their order, until it is over. */
function stepsOf(record: ClusterRecord, outcomes: (move: Move) => Outcome = () => done('0-1-5')): string[] {
  const steps: string[] = [];
  for (let now = record; now.move !== undefined; now = afterStep(now, now.move, outcomes(now.move))) {
    steps.push(now.move.step);
    if (steps.length > 10) throw new Error('it does not end');
  }
  return steps;
}

describe('positions', () => {
  test.each([
    ['', '', true],
    ['', '0-1-5', true],
    ['0-1-5', '', false],
    ['0-1-5', '0-1-5', true],
    ['0-1-5', '0-2-6', true],
    ['0-1-6', '0-2-5', false],
    ['0-1-10', '0-1-9', false],
    ['0-1-9007199254740993', '0-1-9007199254740992', false],
    ['0-1-5,1-1-3', '0-1-5', false],
    ['0-1-5,1-1-3', '0-1-5,1-2-3', true],
  ])('whether "%s" lies within "%s": %s', (position, limit, expected) => {
    expect(isWithin(position, limit)).toBe(expected);
  });
});

describe('moves', () => {
  test('a switchover silences the writer before it reads how far the copy has to come', () => {
    expect(stepsOf(begin(FOUNDING, 'switchover', 'B'))).toEqual(['pause', 'catch-up', 'promote']);
  });

  test('a failover stops receiving before it reads how far it has to apply, and promotes only then', () => {
    expect(stepsOf(begin(FOUNDING, 'failover', 'B'))).toEqual(['silence', 'stop-receiving', 'apply', 'promote']);
  });

  test('the target comes as far as the writer had come, or as far as it had received', () => {
    const paused = afterStep(
      begin(FOUNDING, 'switchover', 'B'),
      { kind: 'switchover', to: 'B', step: 'pause' },
      done('0-1-7'),
    );
    expect(paused.move).toMatchObject({ step: 'catch-up', position: '0-1-7' });
    const received = afterStep(
      begin(FOUNDING, 'failover', 'B'),
      { kind: 'failover', to: 'B', step: 'stop-receiving' },
      done('0-1-8'),
    );
    expect(received.move).toMatchObject({ step: 'apply', position: '0-1-8' });
  });

  test('the writer changes with the promotion, and the old one is trusted no more', () => {
    const moving: ClusterRecord = {
      ...FOUNDING,
      move: { kind: 'failover', to: 'B', step: 'promote', position: '0-1-8' },
    };
    const after = afterStep(moving, moving.move as Move, done('0-1-8'));
    expect(after).toEqual({ cluster: 'a1', writer: 'B', tookOverAt: '0-1-8', standing: { kind: 'apart' } });
    expect([isOpen(after, 'A'), isOpen(after, 'B')]).toEqual([false, true]);
  });

  test('what is given up leaves the writer in a switchover, and goes on in a failover', () => {
    expect(
      stepsOf(begin(FOUNDING, 'switchover', 'B'), ({ step }) => (step === 'catch-up' ? GIVEN_UP : done('0-1-5'))),
    ).toEqual(['pause', 'catch-up']);
    const at = begin(FOUNDING, 'switchover', 'B');
    expect(afterStep(at, at.move as Move, GIVEN_UP)).toEqual(FOUNDING);
    expect(
      stepsOf(begin(FOUNDING, 'failover', 'B'), ({ step }) => (step === 'apply' ? GIVEN_UP : done('0-1-5'))),
    ).toEqual(['silence', 'stop-receiving', 'apply', 'promote']);
  });

  test('a move is refused to a copy that lacks something, does not answer, or during another move', () => {
    const apart: ClusterRecord = { ...FOUNDING, standing: { kind: 'apart' } };
    for (const kind of ['switchover', 'failover'] as const) {
      expect(refusalOf(FOUNDING, kind, 'B', WELL)).toBeUndefined();
      expect(refusalOf(FOUNDING, kind, 'A', WELL)).toBeDefined();
      expect(refusalOf(apart, kind, 'B', WELL)).toBeDefined();
      expect(refusalOf(FOUNDING, kind, 'B', { answers: false, isConnected: false })).toBeDefined();
      expect(refusalOf(begin(FOUNDING, 'failover', 'B'), kind, 'B', WELL)).toBeDefined();
    }
    const behind = { answers: true, isConnected: false };
    expect(refusalOf(FOUNDING, 'switchover', 'B', behind)).toBeDefined();
    expect(refusalOf(FOUNDING, 'failover', 'B', behind)).toBeUndefined();
  });
});

describe('former writers', () => {
  const after: ClusterRecord = { cluster: 'a1', writer: 'B', tookOverAt: '0-1-8', standing: { kind: 'apart' } };

  test('one that has nothing of its own follows', () => {
    const looked = afterLook(after, { position: '0-1-8', isRefused: false }, snapshotAt);
    expect(looked.standing).toEqual({ kind: 'following' });
    expect(isOpen(looked, 'A')).toBe(true);
  });

  test.each([
    ['has something of its own', '0-1-9', false],
    ['is refused by its writer', '0-1-8', true],
  ])('the data of one that %s is kept', (_, position, isRefused) => {
    const looked = afterLook(after, { position, isRefused }, snapshotAt);
    expect(looked.standing).toEqual({ kind: 'diverged', snapshot: snapshotAt('0-1-8') });
    expect(isOpen(looked, 'A')).toBe(false);
  });
});

test('whatever happens there is one writer, which is open, and nobody is promoted who lacks what it has', () => {
  const events = fc.array(
    fc.record({
      ask: fc.constantFrom('switchover' as const, 'failover' as const, 'step' as const, 'look' as const),
      to: fc.constantFrom(...REGIONS),
      isFailing: fc.boolean(),
      sequence: fc.integer({ min: 1, max: 20 }),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(events, (happening) => {
      let record = FOUNDING;
      for (const { ask, to, isFailing, sequence } of happening) {
        const before = record;
        if (ask === 'look') {
          if (record.standing.kind !== 'following' && record.move === undefined) {
            record = afterLook(record, { position: `0-1-${sequence}`, isRefused: false }, snapshotAt);
          }
        } else if (ask === 'step') {
          if (record.move !== undefined) {
            record = afterStep(record, record.move, isFailing ? GIVEN_UP : done(`0-1-${sequence}`));
          }
        } else if (refusalOf(record, ask, to, WELL) === undefined) {
          record = begin(record, ask, to);
        }
        expect(isOpen(record, record.writer)).toBe(true);
        expect(record.move?.to ?? followerOf(record)).toBe(followerOf(record));
        if (record.writer !== before.writer) expect(before.standing.kind).toBe('following');
        if (record.writer !== before.writer) expect(record.standing.kind).toBe('apart');
      }
    }),
  );
});
