import type { DomainName } from '../../topology';
import type { Arbiter, UnitDecision } from '../arbiter';
import { control, type Hands, lookAtWorks, noteLeaving, orderToCarryOn, RenewalWatch } from '../failover';
import type { Keeper } from '../switches';
import type { Environment } from './environment';
import type { FailoverQueue } from './failover-queue';
import type { OpenUnits } from './units';

interface ControllerRooms {
  readonly arbiter: Arbiter;
  readonly keeper: Keeper;
  readonly queue: FailoverQueue;
  /** Refuses, and says so in the audit, where a unit cannot be moved or nobody wants that it moves by itself. */
  readonly moveUnit: OpenUnits['moveUnit'];
}

/** @returns what has the controller of this region look; it throws Problem UNAVAILABLE where the arbiter does not answer */
export function openController(
  { config: { region }, clock, log }: Environment,
  { arbiter, keeper, queue, moveUnit }: ControllerRooms,
): () => Promise<void> {
  const hands: Hands = {
    async move({ unit, to, because }, actor, suspicion) {
      const answer = await moveUnit(unit, { writer: to, mode: 'database' }, actor, suspicion);
      log.warn('a unit is to move', { unit, to, because, accepted: answer.accepted });
    },
    async turn({ name, value, expectedRevision, because }, actor) {
      // What was planned may be carried out much later, after other acts, or after a freeze.
      if ((await arbiter.decisions.acceptedSwitch('failover/auto'))?.value !== 'on') return;
      // A list that a domain leaves is to be put back as it was.
      if (name.startsWith('search/')) {
        await noteLeaving(arbiter.decisions, { list: name, value: value as readonly DomainName[] });
      }
      const onlyIf = { name: 'failover/auto', value: 'on' };
      const order = { actor, expectedRevision, onlyIf, because: `${sentence(because)}.` };
      const ordered = await keeper.order(name, value, order);
      log.warn('the controller turned a switch', { switch: name, because, accepted: ordered.accepted });
    },
    readmit: ({ domain }) => queue.tell({ kind: 'readmit', domain }),
    async carryOn({ subject, because }) {
      await queue.tell(orderToCarryOn(subject));
      log.warn('somebody is told to go on with what stands still', { subject, because });
    },
  };
  const renewals = new RenewalWatch();
  const underWay = (units: readonly UnitDecision[]) => lookAtWorks(arbiter, units);
  return () => control({ arbiter, region, clock, log, hands, renewals, underWay });
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
