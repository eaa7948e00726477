import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Claim, Claims, Taking } from '../../../lambdas/arbiter';
import { type ArbiterTables, startArbiterTables } from './tables';

/** What a claim must do, said a second time and without a database. */
interface Model {
  readonly key: string;
  claim: Claim | undefined;
}

type Command = fc.AsyncCommand<Model, Claims>;

const OPERATIONS: readonly Taking[] = ['one', 'two', 'three'].map((operationId, at) => ({
  operationId,
  memberId: `member-${at % 2}`,
  unit: at === 0 ? 'a1' : 'b1',
  leaseUntilMs: 1_900_000_000_000 + at,
  ...(at === 1 ? { requestHash: 'hash' } : {}),
}));

const isOwn = (claim: Claim, taking: Taking) => claim.operationId === taking.operationId;

function pendingUnder(model: Model, taking: Taking): Claim {
  return { key: model.key, ...taking, state: 'pending', generation: (model.claim?.generation ?? 0) + 1 };
}

/** The claim as it stands must be what the model says, and its generation must have risen unless it only was held. */
async function settle(model: Model, claims: Claims, next: Claim | undefined): Promise<void> {
  const before = model.claim;
  model.claim = next;
  const stored = await claims.read(model.key, { consistent: true });
  expect(stored).toEqual(next);
  const changed = !isDeepStrictEqual(before, stored);
  const heldOnly = before?.state === 'pending' && stored?.state === 'held';
  expect((stored?.generation ?? 0) - (before?.generation ?? 0)).toBe(changed && !heldOnly ? 1 : 0);
}

class Take implements Command {
  constructor(private readonly taking: Taking) {}
  check = () => true;
  async run(model: Model, claims: Claims): Promise<void> {
    const { claim } = model;
    const free = claim === undefined || claim.state === 'free';
    const next = free ? pendingUnder(model, this.taking) : claim;
    const outcome = await claims.take(model.key, this.taking);
    expect(outcome).toEqual({ won: free || isOwn(claim, this.taking), claim: next });
    await settle(model, claims, next);
  }
  toString = () => `take(${this.taking.operationId})`;
}

class TakeOver implements Command {
  constructor(
    private readonly taking: Taking,
    private readonly age: number,
  ) {}
  check = (model: Readonly<Model>) => model.claim !== undefined;
  async run(model: Model, claims: Claims): Promise<void> {
    const standing = model.claim as Claim;
    const generation = standing.generation - this.age;
    const applies = this.age === 0 && standing.state !== 'free';
    const next = applies ? pendingUnder(model, this.taking) : standing;
    const repeated = this.age === 1 && standing.state !== 'free' && isOwn(standing, this.taking);
    const outcome = await claims.takeOver(model.key, generation, this.taking);
    expect(outcome).toEqual({ won: applies || repeated, claim: next });
    await settle(model, claims, next);
  }
  toString = () => `takeOver(${this.taking.operationId}, current - ${this.age})`;
}

class Hold implements Command {
  constructor(private readonly age: number) {}
  check = () => true;
  async run(model: Model, claims: Claims): Promise<void> {
    const { claim } = model;
    const applies = this.age === 0 && claim?.state === 'pending';
    const held = applies || (this.age === 0 && claim?.state === 'held');
    expect(await claims.hold(model.key, (claim?.generation ?? 1) - this.age)).toBe(held);
    await settle(model, claims, applies ? { ...claim, state: 'held' } : claim);
  }
  toString = () => `hold(current - ${this.age})`;
}

class Free implements Command {
  constructor(private readonly age: number) {}
  check = () => true;
  async run(model: Model, claims: Claims): Promise<void> {
    const { claim } = model;
    const freed = await claims.free(model.key, (claim?.generation ?? 1) - this.age);
    expect(freed).toBe(claim !== undefined && this.age >= 0);
    if (claim === undefined || this.age !== 0 || claim.state === 'free') return settle(model, claims, claim);
    const { requestHash: _, ...rest } = claim;
    await settle(model, claims, { ...rest, state: 'free', generation: claim.generation + 1 });
  }
  toString = () => `free(current - ${this.age})`;
}

/** Mostly the generation that stands, else older ones and one that does not exist yet. */
const age = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -1, max: 3 }) },
);
const taking = fc.constantFrom(...OPERATIONS);
const commands = fc.commands(
  [
    taking.map((one) => new Take(one)),
    fc.tuple(taking, age).map(([one, howOld]) => new TakeOver(one, howOld)),
    age.map((howOld) => new Hold(howOld)),
    age.map((howOld) => new Free(howOld)),
  ],
  { maxCommands: 25 },
);

let tables: ArbiterTables;
let claims: Claims;

beforeAll(async () => {
  tables = await startArbiterTables();
  claims = tables.arbiter().claims;
});
afterAll(() => tables.stop());

test('whatever several operations do in any order, a claim does what its model does', async () => {
  const property = fc.asyncProperty(commands, async (run) => {
    const setup = () => ({ model: { key: `account:app:${randomUUID()}`, claim: undefined } as Model, real: claims });
    await fc.asyncModelRun(setup, run);
  });
  await fc.assert(property, { numRuns: 60 });
});

test('whatever operations do at the same time, every generation has one winner and none is skipped', async () => {
  const step = fc.record({
    taking,
    kind: fc.constantFrom('take', 'takeOver', 'hold', 'free'),
    generation: fc.integer({ min: 1, max: 6 }),
  });
  const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
    const key = `account:app:${randomUUID()}`;
    const won: Claim[] = [];
    await Promise.all(
      steps.map(async ({ taking: by, kind, generation }, at) => {
        const own = { ...by, operationId: `${by.operationId}-${at}` };
        if (kind === 'hold') await claims.hold(key, generation);
        else if (kind === 'free') await claims.free(key, generation);
        else {
          const outcome = await (kind === 'take' ? claims.take(key, own) : claims.takeOver(key, generation, own));
          if (outcome.won) won.push(outcome.claim);
          if (outcome.won) expect(outcome.claim).toMatchObject(own);
        }
      }),
    );
    const generations = won.map((claim) => claim.generation);
    const last = await claims.read(key, { consistent: true });
    expect(new Set(generations).size).toBe(generations.length);
    expect(Math.max(0, ...generations)).toBeLessThanOrEqual(last?.generation ?? 0);
    // What was not won by someone is a release, and a release follows a win.
    expect((last?.generation ?? 0) - generations.length).toBeLessThanOrEqual(generations.length);
  });
  await fc.assert(property, { numRuns: 40 });
});
