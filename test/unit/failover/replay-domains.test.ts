import type { DomainRecord } from '../../../lambdas/arbiter';
import { type Readmission, readmissionOf } from '../../../lambdas/failover';
import { FIRST_MEMORY } from '../../../lambdas/failover/controller/memory';
import { Absences } from '../../../lambdas/failover/replay/absences';
import { compareDomains } from '../../../lambdas/failover/replay/compare';
import { NOTHING_YET, type Progress, ProgressLog } from '../../../lambdas/failover/replay/progress';
import { DOMAIN_NAMES, type DomainName } from '../../../topology';

const BEGUN: Progress = {
  sinceMs: 0,
  beganMs: 0,
  inFlight: 'copied',
  domains: {},
  areMovesRead: false,
  republished: {},
  counts: NOTHING_YET,
};
const EPOCH = 5;
/** As often as a transition that is held up is tried again. */
const EVERY_MS = 500;

/** Three domains that answer when a test says so, what the arbiter holds, and as many environments as are wanted. */
class Stand {
  nowMs = 1_000_000;
  readonly away = new Set<DomainName>();
  /** Those that answer once and no more. */
  readonly falling = new Set<DomainName>();
  readonly compared: DomainName[] = [];
  readonly told: string[] = [];
  switches: Record<string, unknown> = {};
  ill: readonly DomainName[] = [];
  #progress: unknown;
  #records = new Map<DomainName, DomainRecord>();

  readonly decisions = {
    acceptedSwitch: async (name: string) => ({ name, value: this.switches[name] ?? 'on', revision: 1, actor: '' }),
    domain: async (name: DomainName) => this.#records.get(name) ?? { revision: 0, state: undefined },
    changeDomain: async (name: DomainName, from: DomainRecord, state: unknown) => {
      this.#records.set(name, { revision: from.revision + 1, state });
      return true;
    },
  };

  /** @returns the replay's comparison, in an environment of its own */
  environment() {
    const absences = new Absences({ monotonicMs: () => this.nowMs, nowMs: () => 0 });
    const standings = Object.entries(FIRST_MEMORY.standings).map(([subject, standing]) => {
      const isIll = this.ill.some((name) => subject === `domain/${name}`);
      return [subject, { ...standing, isWell: !isIll }];
    });
    const memory = { memory: { ...FIRST_MEMORY, standings: Object.fromEntries(standings) }, attempts: {} };
    const parts = {
      arbiter: {
        decisions: this.decisions,
        observations: { memory: async () => ({ memory }) },
        audit: { append: async ({ reason }: { reason: string }) => void this.told.push(reason) },
      },
      domains: Object.fromEntries(DOMAIN_NAMES.map((name) => [name, this.#domain(name)])),
      shards: { recovery: { rows: async () => new Map() } },
      log: { warn: () => undefined },
    };
    return async () => {
      const replays = {
        load: async () => this.#progress,
        save: async (_unit: string, _epoch: number, progress: unknown) => {
          this.#progress = JSON.parse(JSON.stringify(progress));
        },
      };
      const progress = await ProgressLog.open(replays as never, { unit: 'a1', epoch: EPOCH }, async () => BEGUN);
      const run = { unitName: 'a1', unit: { epoch: EPOCH, writer: 'B', mode: 'read-only' }, progress, absences };
      await compareDomains(parts as never, run as never);
    };
  }

  get domains(): Progress['domains'] {
    return (this.#progress as Progress).domains;
  }

  /** Tries until it goes on, at most for so long. @returns how long it took, in milliseconds */
  async until(compare: () => Promise<void>, mostMs = 60_000): Promise<number> {
    const beganMs = this.nowMs;
    while (this.nowMs - beganMs < mostMs) {
      const isDone = await compare().then(
        () => true,
        () => false,
      );
      if (isDone) return this.nowMs - beganMs;
      this.nowMs += EVERY_MS;
    }
    return Number.POSITIVE_INFINITY;
  }

  #domain(name: DomainName) {
    const { away, compared, falling } = this;
    return {
      ping: async () => {
        if (away.has(name)) throw new Error('a late answer');
      },
      refresh: async () => undefined,
      async *changedSince() {
        yield [];
        if (falling.has(name)) throw new Error('it fell');
        compared.push(name);
      },
    };
  }
}

test('race 25: a domain that answers late is waited for, and compared when it answers', async () => {
  const stand = new Stand();
  const compare = stand.environment();
  stand.away.add('standby');
  await expect(compare()).rejects.toThrow('the search domain standby does not answer, and is waited for');
  // The masked one is compared after all that hold documents whole.
  expect(stand.compared).toEqual(['order']);
  stand.away.clear();
  await compare();
  expect(stand.compared).toEqual(['order', 'standby', 'marketing']);
  expect(stand.domains).toEqual({ order: 'compared', standby: 'compared', marketing: 'compared' });
  expect(await readmissionOf(stand.decisions, 'standby')).toMatchObject({ step: 'in' });
});

test('a domain that stays away is gone on without after half a minute, whoever goes on with the replay', async () => {
  const stand = new Stand();
  stand.away.add('standby');
  expect(await stand.until(stand.environment())).toBe(30_000);
  const other = new Stand();
  other.away.add('standby');
  await other.until(other.environment(), 20_000);
  const resumedMs = await other.until(other.environment());
  expect([resumedMs > 9000, resumedMs < 12_000]).toEqual([true, true]);
});

test('what passed while nobody tried does not count as time in which a domain was away', async () => {
  const stand = new Stand();
  const compare = stand.environment();
  stand.away.add('standby');
  await stand.until(compare, 20_000);
  stand.nowMs += 600_000;
  const resumedMs = await stand.until(compare);
  expect([resumedMs > 9000, resumedMs < 12_000]).toEqual([true, true]);
});

test('two environments that wait at once do not wait half as long', async () => {
  const stand = new Stand();
  stand.away.add('order');
  const [one, another] = [stand.environment(), stand.environment()];
  const both = async () => {
    await one().catch(() => undefined);
    await another();
  };
  expect(await stand.until(both)).toBeGreaterThanOrEqual(29_000);
});

test('one that comes and goes is waited for anew each time it has answered', async () => {
  const stand = new Stand();
  const compare = stand.environment();
  stand.away.add('order');
  await stand.until(compare, 29_000);
  stand.away.clear();
  stand.falling.add('order');
  await expect(compare()).rejects.toThrow('is waited for');
  stand.away.add('order');
  expect(await stand.until(compare)).toBe(30_000);
});

describe('a domain that is gone on without', () => {
  async function left(stand: Stand): Promise<Readmission> {
    stand.away.add('standby');
    await stand.until(stand.environment());
    expect(stand.domains.standby).toBe('unreachable');
    expect(stand.told).toEqual(['it was away during the replay of unit a1 under epoch 5']);
    return readmissionOf(stand.decisions, 'standby');
  }

  test('is on its way to a comparison with all rows', async () => {
    expect(await left(new Stand())).toMatchObject({ step: 'opening', run: 1 });
  });

  test('is not waited for while it is known to be ill', async () => {
    const stand = new Stand();
    const beganMs = stand.nowMs;
    stand.ill = ['standby'];
    await left(stand);
    expect(stand.nowMs).toBe(beganMs);
  });

  test('is compared when it comes back, where its events are paused until then', async () => {
    const stand = new Stand();
    const beganMs = stand.nowMs;
    stand.switches['sync/standby'] = 'paused';
    expect(await left(stand)).toMatchObject({ step: 'out', run: 1 });
    expect(stand.nowMs).toBe(beganMs);
  });
});
