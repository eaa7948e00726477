import type { Arbiter } from '../../../lambdas/arbiter';
import { type ArbiterTables, startArbiterTables } from './tables';

let tables: ArbiterTables;
let arbiter: Arbiter;

beforeAll(async () => {
  tables = await startArbiterTables();
  arbiter = tables.arbiter();
});
afterAll(() => tables.stop());

const MINUTE_MS = 60_000;
const AT_MS = 30_000_000 * MINUTE_MS;

test('moves stand under their unit and minute, each once', async () => {
  const { journal } = arbiter;
  const first = { key: 'account:app:x', memberId: '12', generation: 4 };
  const later = { ...first, generation: 6 };
  const otherKey = { ...first, key: 'account:web:x' };
  await journal.recordMove('a1', AT_MS, first);
  await journal.recordMove('a1', AT_MS + MINUTE_MS - 1, first);
  await journal.recordMove('a1', AT_MS + 1, later);
  await journal.recordMove('a1', AT_MS + 2, otherKey);
  await journal.recordMove('a1', AT_MS + MINUTE_MS, first);
  await journal.recordMove('b1', AT_MS, first);
  const moves = await journal.moves('a1', AT_MS + 5);
  expect(moves).toHaveLength(3);
  expect(moves).toEqual(expect.arrayContaining([first, later, otherKey]));
  expect(await journal.moves('a1', AT_MS + MINUTE_MS)).toEqual([first]);
  expect(await journal.moves('a1', AT_MS - 1)).toEqual([]);
});

test('a minute of moves that fills several pages is read whole', async () => {
  const memberId = 'm'.repeat(300_000);
  for (let generation = 1; generation <= 8; generation++) {
    await arbiter.journal.recordMove('pages', AT_MS, { key: 'account:app:y', memberId, generation });
  }
  const moves = await arbiter.journal.moves('pages', AT_MS);
  expect(moves.map((move) => move.generation).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a lost value that somebody has handled is off the list, and back only for a later version', async () => {
  const { lost } = arbiter;
  const entry = {
    memberId: '12',
    epoch: 1,
    version: 7,
    field: 'profile.city',
    value: 'Bern',
    kept: 'Basel',
    base: null,
    reason: 'changed since',
    operationId: 'o1',
    listedAt: '2026-01-01T00:00:00.000Z',
  };
  const handled = { by: 'ada', at: '2026-01-02T00:00:00.000Z' };
  await lost.put('handled', entry);
  expect(await lost.handle('handled', { ...entry, version: 6 }, handled)).toBe(false);
  expect(await lost.handle('handled', entry, handled)).toBe(true);
  await lost.put('handled', { ...entry, listedAt: '2026-01-03T00:00:00.000Z' });
  expect(await lost.list('handled')).toEqual([]);
  expect(await lost.list('handled', 'handled')).toEqual([{ ...entry, handled }]);
  const next = { ...entry, version: 8, value: 'Biel' };
  await lost.put('handled', next);
  expect(await lost.list('handled')).toEqual([next]);
});

test('an arbiter that answers is reached, also before anything was decided', async () => {
  await arbiter.ping();
});

test('audit entries of a subject are told from the newest on, page by page, and stand once if they are to', async () => {
  const { audit } = arbiter;
  const entry = { subject: 'switch/search/order', actor: 'ada', action: 'turned it', outcome: 'accepted' } as const;
  const reason = 'Both domains are ill.';
  await audit.append(entry, { atMs: AT_MS, name: 'r1' });
  await audit.append({ ...entry, detail: { revision: 2 } }, { atMs: AT_MS + 1, name: 'r2' });
  await audit.append({ ...entry, outcome: 'refused', reason }, { atMs: AT_MS + 1, name: 'r3' });
  await audit.append({ ...entry, outcome: 'refused', reason }, { atMs: AT_MS + 1, name: 'r3' });
  await audit.append({ ...entry, subject: 'switch/search' });
  const [newest, ...older] = await audit.list(entry.subject, { limit: 2 });
  expect(newest).toEqual({
    ...entry,
    outcome: 'refused',
    reason,
    at: '2027-01-15T08:00:00.001Z',
    id: '2027-01-15T08:00:00.001Z#r3',
  });
  expect(older).toEqual([expect.objectContaining({ detail: { revision: 2 }, id: '2027-01-15T08:00:00.001Z#r2' })]);
  const rest = await audit.list(entry.subject, { limit: 2, before: older[0]?.id ?? '' });
  expect(rest.map(({ id }) => id)).toEqual(['2027-01-15T08:00:00.000Z#r1']);
  expect(await audit.list(entry.subject, { limit: 5, before: '2027-01-15T08:00:00.001Z' })).toEqual(rest);
});

test('an audit entry without a name of its own is a new one, of now', async () => {
  const entry = { subject: 'unit/a1', actor: 'machine', action: 'took an epoch', outcome: 'done' } as const;
  await arbiter.audit.append(entry);
  await arbiter.audit.append(entry);
  const [one, other] = await arbiter.audit.list('unit/a1', { limit: 9 });
  expect([one?.action, other?.action]).toEqual([entry.action, entry.action]);
  expect(Math.abs(Date.parse(one?.at ?? '') - Date.now())).toBeLessThan(60_000);
});
