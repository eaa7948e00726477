import { endUndecided, LateMoves, sweepCommands } from '../failover';
import { Claims, createAnnouncer, sweepClaims } from '../members';
import { schemasOfUnit } from '../shards';
import { Publisher } from '../sync';
import { openArbiter, openCache, openShards, openSwitches } from './environment';
import { defineFunction } from './function';
import { Rounds } from './rounds';

const RHYTHM = { everyMs: 10_000, forMs: 55_000 };

/**
 * Finishes claims that their operations left pending, replays commands that a fallback left behind, takes
 * bindings off rows whose claims moved while their unit failed over, lets members write again
 * whose time of being undecided is over, and forgets operations of long ago.
 */
export const { handler, stop, close } = defineFunction((environment) => {
  const { config, clock, log } = environment;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const shards = openShards(environment, 2);
  const switches = openSwitches(environment, arbiter, cache);
  const claims = new Claims({ arbiter, shards, switches, clock });
  const publisher = new Publisher({ endpoints: config.endpoints, clock, log });
  const announcer = createAnnouncer({ region: config.region, cache, publisher, log });
  const lateMoves = new LateMoves({ arbiter, cache, shards, announcer, clock, log });
  const rounds = new Rounds({ clock, log });

  async function round(): Promise<void> {
    const snapshot = await switches.current();
    const ended = await sweepClaims({ arbiter, claims, region: config.region, clock, log }, snapshot);
    if (ended > 0) log.info('forgotten claims were finished', { claims: ended });
    const sweeping = sweepCommands({ arbiter, cache, shards, announcer, clock, log }, config.region, snapshot);
    const swept = await sweeping.catch((error: Error) => {
      log.warn('commands of a fallback are left until the next look', { error });
      return 0;
    });
    if (swept > 0) log.info('forgotten commands of a fallback were replayed', { commands: swept });
    const dropped = await lateMoves.sweep(config.region, snapshot).catch((error: Error) => {
      log.warn('claims that moved during a failover are looked for at the next look', { error });
      return 0;
    });
    if (dropped > 0) log.info('bindings whose claims moved during a failover were taken off', { bindings: dropped });
    await endUndecided({ arbiter, shards, region: config.region, clock, log }, snapshot).catch((error: Error) =>
      log.warn('members stay undecided until the next look', { error }),
    );
    for (const [unit, { writer }] of Object.entries(snapshot.units)) {
      if (writer !== config.region) continue;
      for (const place of schemasOfUnit(unit)) {
        const forgetting = shards.forgetOperations(place, writer);
        await forgetting.catch((error: Error) => log.warn('operations were not forgotten', { unit, error }));
      }
    }
  }

  return {
    handler: () => rounds.run(RHYTHM, round),
    stop: () => rounds.stop(),
    async close() {
      publisher.close();
      await Promise.all([cache.close(), shards.close()]);
      arbiter.close();
    },
  };
});
