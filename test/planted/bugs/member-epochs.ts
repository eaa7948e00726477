import type { PlantedBug } from '../bug';

const EPOCHS = 'test/region/races/members-epochs.test.ts';

/** What a failover must not undo. */
export const MEMBER_EPOCH_BUGS: readonly PlantedBug[] = [
  {
    name: 'epoch-not-read-after-a-take-over',
    races: [51],
    file: 'lambdas/members/taking.ts',
    from: 'if (unit.epoch !== formerUnit.epoch) await this.#drop(met.memberId, met, deadline);',
    to: '',
    caughtBy: { file: EPOCHS, test: 'race 51: a binding that comes back in a failover' },
  },
  {
    name: 'epoch-after-a-take-over-not-read-strongly',
    races: [51],
    file: 'lambdas/members/taking.ts',
    from: 'const unit = await this.#parts.switches.unitNow(unitOf(met), deadline);',
    to: 'const unit = (await this.#parts.switches.current()).units[unitOf(met)] ?? formerUnit;',
    caughtBy: { file: EPOCHS, test: 'race 51: a binding that comes back in a failover' },
  },
  {
    name: 'epoch-read-before-the-take-over',
    races: [51],
    file: 'lambdas/members/taking.ts',
    from: `    const outcome = await boundedBy(deadline, taken, 'the arbiter');
    if (!outcome.won && outcome.claim.operationId !== heir.operationId) return undefined;
    const unit = await this.#parts.switches.unitNow(unitOf(met), deadline);`,
    to: `    const unit = await this.#parts.switches.unitNow(unitOf(met), deadline);
    const outcome = await boundedBy(deadline, taken, 'the arbiter');
    if (!outcome.won && outcome.claim.operationId !== heir.operationId) return undefined;`,
    caughtBy: { file: EPOCHS, test: 'race 51: a binding that comes back in a failover' },
  },
  {
    name: 'epoch-read-after-the-first-claim',
    races: [51],
    file: 'lambdas/members/operation.ts',
    from: 'const { unitName, unit, id: operationId } = this;',
    to: 'const { unitName, id: operationId } = this;\n    const unit = await this.#parts.switches.unitNow(unitName);',
    caughtBy: { file: EPOCHS, test: 'race 51: a claim of an older epoch is not written under the next one' },
  },
  {
    name: 'fence-refused-and-nobody-looks',
    races: [20, 51],
    file: 'lambdas/members/refusals.ts',
    from: 'await switches.unitNow(unit, deadline);',
    to: '',
    caughtBy: { file: EPOCHS, test: 'races 20, 51: an environment that slept through a failover' },
  },
  {
    name: 'take-over-not-journaled',
    races: [52],
    file: 'lambdas/members/taking.ts',
    from: 'await this.#claims.recordMove(met, deadline);',
    to: '',
    caughtBy: { file: EPOCHS, test: 'race 52: a move stands in the journal of the unit that loses it' },
  },
  {
    name: 'take-over-not-waiting-for-the-journal',
    races: [52],
    file: 'lambdas/members/taking.ts',
    from: 'await this.#claims.recordMove(met, deadline);',
    to: 'setTimeout(() => void this.#claims.recordMove(met, deadline), 1000);',
    caughtBy: { file: EPOCHS, test: 'race 52: a move stands in the journal of the unit that loses it' },
  },
  {
    name: 'move-journaled-for-the-wrong-member',
    races: [52],
    file: 'lambdas/members/taking.ts',
    from: 'await this.#claims.recordMove(met, deadline);',
    to: 'await this.#claims.recordMove({ ...met, memberId: heir.memberId });',
    caughtBy: { file: EPOCHS, test: 'race 52: a move stands in the journal of the unit that loses it' },
  },
  {
    name: 'release-by-event-not-journaled',
    races: [52],
    file: 'lambdas/members/claims.ts',
    from: 'await this.recordMove({ key, generation, memberId });',
    to: '',
    caughtBy: { file: EPOCHS, test: 'race 52: a move stands in the journal before the claim is freed by an event' },
  },
  {
    name: 'release-by-the-sweeper-not-journaled',
    races: [52],
    file: 'lambdas/members/claims.ts',
    from: '    await this.recordMove(claim);\n',
    to: '',
    caughtBy: { file: EPOCHS, test: 'race 52: a move stands in the journal before the claim is freed by the sweeper' },
  },
  {
    name: 'any-generation-of-a-binding-dropped',
    races: [52],
    file: 'lambdas/members/changes.ts',
    from: '=== claim.key && binding.generation === claim.generation;',
    to: '=== claim.key;',
    caughtBy: {
      file: 'test/unit/members/changes.test.ts',
      test: 'race 52: only the generation that a claim no longer names is dropped',
    },
  },
];
