import type { Domain } from '../../lambdas/search';
import { DOMAIN_NAMES, DOMAINS, TRAFFIC_CLASSES } from '../../topology';
import { eventOf, memberOf } from '../engine/search/members';
import { json, standIn } from '../engine/search/stand-in';
import { rightsOf } from './support/grants';
import { testedStages } from './support/synthesis';

const stages = testedStages();

const TIMEOUT_MS = 5000;
const WRITES = (domain: Domain) => domain.write([eventOf(memberOf())]);
const READS: readonly ((domain: Domain) => Promise<unknown>)[] = [
  (domain) => domain.getMember('1', TIMEOUT_MS),
  (domain) => domain.lookup({ kind: 'phone', value: '+491511234567' }, TIMEOUT_MS),
  (domain) => domain.search({ filter: {}, sort: 'name', limit: 1 }, TIMEOUT_MS),
  (domain) => domain.ping(TIMEOUT_MS),
];

const BRINGS_BACK: readonly ((domain: Domain) => Promise<unknown>)[] = [
  (domain) => domain.provision(),
  (domain) => domain.refresh(),
  (domain) => domain.ranges.sum({ first: 0n, last: 9n }),
  (domain) => domain.ranges.versions({ first: 0n, last: 9n }),
  (domain) => domain.ranges.versionsNow(['1']),
  (domain) => domain.ranges.restore([memberOf()]),
];

/** What is asked of a domain by work that it lets succeed, as `<method> <path>`. */
async function asked(work: readonly ((domain: Domain) => Promise<unknown>)[]): Promise<string[]> {
  const server = await standIn((_request, response) =>
    json(response, 200, {
      status: 'green',
      _source: { document: {} },
      hits: { total: { value: 0 }, hits: [] },
      items: [],
      docs: [],
      aggregations: { members: { value: 0 }, digest: { value: 0 }, lookups: { doc_count: 0 } },
    }),
  );
  try {
    for (const one of work) await one(server.domain);
    return server.paths.map((path, index) => `${server.methods[index]} ${path.split('?')[0]}`);
  } finally {
    await server.close();
  }
}

function permits(right: string, domain: (typeof DOMAIN_NAMES)[number], request: string): boolean {
  const [method = '', path = ''] = request.split(' ');
  const [action = '', resource = ''] = right.split(' ');
  if (!action.startsWith('es:')) return false;
  const region = stages.small.stage.regions[DOMAINS[domain].region];
  const glob = new RegExp(`^${resource.split('*').join('.*')}$`);
  return (
    action.toLowerCase() === `es:eshttp${method.toLowerCase()}` &&
    glob.test(`es:${region}:domain/twinkeep-small-${domain}${path}`)
  );
}

test.each([
  ['provision', 'A', DOMAIN_NAMES, [(domain: Domain) => domain.provision()]],
  ['failover-B', 'B', DOMAIN_NAMES, BRINGS_BACK],
  ['canary', 'B', DOMAIN_NAMES, [WRITES, (domain: Domain) => domain.getMember('1', TIMEOUT_MS)]],
  ...TRAFFIC_CLASSES.map((name) => [`members-${name}`, 'B', DOMAIN_NAMES, [...READS, WRITES]] as const),
  ...Object.values(DOMAINS).map(({ name, queue, region }) => [queue, region, [name], [WRITES]] as const),
] as const)('%s in %s may ask of a domain what its code asks', async (name, home, domains, work) => {
  const rights = rightsOf(stages.small, home, name);
  const requests = await asked(work);
  expect(requests.length).toBeGreaterThan(1);
  for (const domain of domains) {
    const refused = requests.filter((request) => !rights.some((right) => permits(right, domain, request)));
    expect([domain, refused]).toEqual([domain, []]);
  }
});
