import { DOMAIN_NAMES, SWITCHES, UNITS } from '../../topology';
import { enterCaller, type NewCaller } from '../traffic';
import { type CustomResourceEvent, isCustomResource, resourceOf } from './custom-resource';
import { closeDomains, openDomains } from './domains';
import { openArbiter, openCache, openShards, openSwitches } from './environment';
import { defineFunction } from './function';
import { provisionUnits } from './provision-units';

export interface ProvisionRequest {
  /** Callers to enter into the registry; those that are there already stay as they are. */
  readonly callers?: readonly NewCaller[];
}

const provisioning = defineFunction((environment) => {
  const arbiter = openArbiter(environment);
  const cache = openCache(environment);
  const shards = openShards(environment, 2);
  const switches = openSwitches(environment, arbiter, cache);
  const domains = openDomains(environment);

  return {
    async handler({ callers = [] }: ProvisionRequest) {
      for (const { name, defaultValue } of SWITCHES) await arbiter.decisions.seedSwitch(name, defaultValue);
      const founded = [];
      for (const { name, home } of UNITS) founded.push(await arbiter.decisions.foundUnit(name, home));
      const units = await provisionUnits(founded, (unit) => shards.provision(unit), environment.log);
      await Promise.all(DOMAIN_NAMES.map((name) => domains[name].provision()));
      for (const caller of callers) await enterCaller(arbiter, environment.clock, caller);
      await switches.publish();
      return { units, domains: DOMAIN_NAMES.length, callers: callers.length };
    },
    async close() {
      await Promise.all([cache.close(), shards.close(), closeDomains(domains)]);
      arbiter.close();
    },
  };
});

/**
 * After a deployment: makes the application's database users, founds units, creates schemas and indices, seeds switches,
 * enters callers. Idempotent. Invoked with a request, or by CloudFormation as a custom resource's handler.
 */
export async function handler(event: ProvisionRequest | CustomResourceEvent<ProvisionRequest>) {
  return isCustomResource(event) ? resourceOf(event, provisioning.handler) : provisioning.handler(event);
}

export const { close } = provisioning;
