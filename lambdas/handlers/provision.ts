import { DOMAIN_NAMES, SWITCHES, UNITS } from '../../topology';
import type { Caller } from '../arbiter';
import { openDomains } from './domains';
import { openArbiter, openCache, openShards, openSwitches, startEnvironment } from './environment';

const environment = startEnvironment();
const arbiter = openArbiter(environment);
const cache = openCache(environment);
const shards = openShards(environment, 2);
const switches = openSwitches(environment, arbiter, cache);
const domains = openDomains(environment);

export interface ProvisionRequest {
  /** Callers to enter into the registry; those that are there already are replaced. */
  readonly callers?: readonly Omit<Caller, 'status'>[];
}

/** After a deployment: founds units, creates schemas and indices, seeds switches, enters callers. Idempotent. */
export async function handler(request: ProvisionRequest): Promise<{ units: number; domains: number; callers: number }> {
  for (const { name, defaultValue } of SWITCHES) await arbiter.decisions.seedSwitch(name, defaultValue);
  for (const unit of UNITS) {
    const { epoch, writer } = await arbiter.decisions.foundUnit(unit.name, unit.home);
    await shards.provision({ name: unit.name, epoch, writer });
  }
  await Promise.all(DOMAIN_NAMES.map((name) => domains[name].provision()));
  for (const caller of request.callers ?? []) await arbiter.callers.put({ ...caller, status: 'active' });
  await switches.publish();
  return { units: UNITS.length, domains: DOMAIN_NAMES.length, callers: request.callers?.length ?? 0 };
}

export async function close(): Promise<void> {
  await Promise.all([cache.close(), shards.close(), ...DOMAIN_NAMES.map((name) => domains[name].close())]);
  arbiter.close();
}
