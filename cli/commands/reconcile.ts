import { DOMAIN_NAMES, REGIONS } from '../../topology';
import { UsageError } from '../usage';
import type { Command } from './command';
import { reconcileCache } from './reconcile-cache';
import { reconcileDomain } from './reconcile-domain';
import { directoryOption } from './system-options';

const TARGETS = [...DOMAIN_NAMES, ...REGIONS.map((name) => `cache/${name}`)];

export const reconcileCommand: Command = {
  name: 'reconcile',
  synopsis: '<domain> | cache/<region> [--check] [--thorough]',
  summary: 'bring a store together with the rows: a search domain or a cache',
  help: `A search domain: ranges of members are compared by sums that the engines make; only what differs is read. What the domain
has not heard of is written from the rows. What it has ahead of its row, or without one, is merged if an epoch wrote it
that is over, and else listed (twinkeep lost list), so that the domain can follow.

A cache: what it answers is held against the rows, and what is stale, and stays so for 5 s, is forgotten. To empty it at
once, raise its generation (twinkeep switch set cache/A): what is cached lives for eleven minutes at most.

May be interrupted: the same command goes on where it was.

  <domain>         ${DOMAIN_NAMES.join(', ')}
  cache/<region>   ${REGIONS.join(', ')}
  --check          change nothing
  --thorough       read every document and look-up of a domain, and find what sums do not see
  --anew           begin at the beginning, although an interrupted one could go on
  --quiet          no progress
  --directory D    where the local system keeps its state
  --json           as JSON

Exit codes: 0 nothing differs, or all that did is settled, 1 something differs still, 2 not understood,
3 a store did not answer, 130 interrupted.`,
  options: {
    ...directoryOption,
    check: { type: 'boolean', default: false },
    thorough: { type: 'boolean', default: false },
    anew: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
  async run(call) {
    const [name, ...others] = call.positionals;
    const domain = DOMAIN_NAMES.find((candidate) => candidate === name);
    const region = REGIONS.find((candidate) => `cache/${candidate}` === name);
    if (domain !== undefined && others.length === 0) return reconcileDomain(domain, call);
    if (region !== undefined && others.length === 0) return reconcileCache(region, call);
    throw new UsageError(`Name one of ${TARGETS.join(', ')}.`);
  },
};
