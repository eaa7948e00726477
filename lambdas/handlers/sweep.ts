import { endUndecided } from '../failover';
import { Claims, sweepClaims } from '../members';
import { schemasOfUnit } from '../shards';
import { openArbiter, openCache, openShards, openSwitches } from './environment';
import { defineFunction } from './function';
import { Rounds } from './rounds';

const RHYTHM = { everyMs: 10_000, forMs: 55_000 };

/**
 * Finishes claims that their operations left pending, lets members write again whose time of being undecided is over, and
 * forgets operations of long ago.
 */
export const { handler, stop, close } = defineFunction((environment) => {
  const { config, clock, log } = environment;
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const shards = openShards(environment, 2);
  const switches = openSwitches(environment, arbiter, cache);
  const claims = new Claims({ arbiter, shards, switches, clock });
  const rounds = new Rounds({ clock, log });

  async function round(): Promise<void> {
    const snapshot = await switches.current();
    const ended = await sweepClaims({ arbiter, claims, region: config.region, clock, log }, snapshot);
    if (ended > 0) log.info('forgotten claims were finished', { claims: ended });
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
      await Promise.all([cache.close(), shards.close()]);
      arbiter.close();
    },
  };
});
