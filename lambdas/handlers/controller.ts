import type { DomainName } from '../../topology';
import type { Arbiter } from '../arbiter';
import { control, type Hands, noteLeaving } from '../failover';
import type { Keeper, RequestUnit } from '../switches';
import type { Environment } from './environment';
import type { FailoverQueue } from './failover-queue';

interface ControllerRooms {
  readonly arbiter: Arbiter;
  readonly keeper: Keeper;
  readonly queue: FailoverQueue;
  /** Refuses, and says so in the audit, where a unit cannot be moved or nobody wants that it moves by itself. */
  readonly moveUnit: RequestUnit;
}

/** @returns what has the controller of this region look; it throws Problem UNAVAILABLE where the arbiter does not answer */
export function openController(
  { config: { region }, clock, log }: Environment,
  { arbiter, keeper, queue, moveUnit }: ControllerRooms,
): () => Promise<void> {
  const hands: Hands = {
    async move({ unit, to, because }, actor) {
      const answer = await moveUnit(unit, { writer: to, mode: 'database' }, actor);
      log.warn('a unit is to move', { unit, to, because, accepted: answer.accepted });
    },
    async turn({ name, value, because }, actor) {
      // A list that a domain leaves is to be put back as it was.
      if (name.startsWith('search/')) {
        await noteLeaving(arbiter.decisions, { list: name, value: value as readonly DomainName[] });
      }
      const ordered = await keeper.order(name, value, { actor, because: `${sentence(because)}.` });
      log.warn('the controller turned a switch', { switch: name, because, accepted: ordered.accepted });
    },
    readmit: ({ domain }) => queue.tell({ kind: 'readmit', domain }),
  };
  return () => control({ arbiter, region, clock, log, hands });
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
