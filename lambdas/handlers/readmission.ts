import { DOMAINS, type DomainName, QUEUES, type Region } from '../../topology';
import type { Arbiter } from '../arbiter';
import type { Cache } from '../cache';
import { CONTROLLER, countSettled, readmit, settleFound } from '../failover';
import type { Announcer } from '../members';
import type { Keeper } from '../switches';
import { DeadLetterQueue } from '../sync';
import type { Domains } from './domains';
import { type Environment, openShards } from './environment';
import type { FailoverQueue } from './failover-queue';

/** Shorter than the function may run, so that what is left goes on in another invocation. */
const BUDGET_MS = 600_000;

/** What brings search domains back. */
export interface OpenReadmission {
  /** @throws if the arbiter does not answer */
  bring(name: DomainName): Promise<void>;
  close(): Promise<void>;
}

interface ReadmissionRooms {
  readonly arbiter: Arbiter;
  readonly cache: Cache;
  /** Tells of rows that take over what a domain has ahead of them. */
  readonly announcer: Announcer;
  readonly keeper: Keeper;
  readonly domains: Domains;
  /** Is told to go on where one invocation's time is not enough. */
  readonly queue: FailoverQueue;
}

/** Its connections to databases are its own: comparing a domain must not delay the moving of a unit. */
export function openReadmission(
  environment: Environment,
  { arbiter, cache, announcer, keeper, domains, queue: work }: ReadmissionRooms,
): OpenReadmission {
  const { config, clock, log } = environment;
  const { region, endpoints } = config;
  const shards = openShards(environment, 2);
  const queues = new Map<DomainName, DeadLetterQueue>();

  async function writers(): Promise<(unit: string) => Region> {
    const units = new Map((await arbiter.decisions.units()).map(({ unit, writer }) => [unit, writer]));
    return (unit) => units.get(unit) ?? region;
  }

  function queueOf(name: DomainName): DeadLetterQueue {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue = QUEUES.find((candidate) => candidate.name === DOMAINS[name].queue);
    if (queue === undefined) throw new Error(`the search domain ${name} has no queue`);
    const opened = DeadLetterQueue.open(queue, endpoints);
    queues.set(name, opened);
    return opened;
  }

  return {
    async bring(name) {
      const settle = settleFound({
        arbiter,
        cache,
        shards,
        announcer,
        units: () => arbiter.decisions.units(),
        domains,
        clock,
        log,
      });
      const outcome = await readmit(
        {
          decisions: arbiter.decisions,
          audit: arbiter.audit,
          keeper,
          domain: domains[name],
          queue: queueOf(name),
          comparison: { ranges: shards.ranges, region, writers },
          settle: async (found) => countSettled(await settle(name, found)),
          clock,
          log,
        },
        { actor: `${CONTROLLER} of region ${region}`, budgetMs: BUDGET_MS },
      );
      if (outcome === 'unfinished') await work.tell({ kind: 'readmit', domain: name });
    },
    async close() {
      for (const queue of queues.values()) queue.close();
      await shards.close();
    },
  };
}
