import { Flights } from '../../../lambdas/cache/flights';

function gate<T>() {
  let open: (value: T) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}

/** Of who begins now. */
const now = (flights: Flights, minVersion = 0) => ({ minVersion, begun: flights.questions });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Flights', () => {
  it('race 17: take on board whoever began before it asked, also once it has', async () => {
    const flights = new Flights();
    const landing = gate<string>();
    const work = jest.fn((ask: () => void) => {
      ask();
      return landing.opened;
    });
    const requests = [now(flights), now(flights), now(flights)];
    const joined = requests.slice(0, 2).map((request) => flights.join('k', request, work));
    await turn();
    joined.push(...requests.slice(2).map((request) => flights.join('k', request, work)));
    landing.open('loaded');
    expect(joined.map(({ shared }) => shared)).toEqual([false, true, true]);
    expect(await Promise.all(joined.map(({ outcome }) => outcome))).toEqual(['loaded', 'loaded', 'loaded']);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('race 2: do not take on board who began after it asked, though its answer is still on its way', async () => {
    const flights = new Flights();
    const answer = gate<string>();
    const early = flights.join('k', now(flights), async (ask) => {
      ask();
      return answer.opened;
    });
    await turn();
    const late = flights.join('k', now(flights), async (ask) => {
      ask();
      return 'asked after the write';
    });
    answer.open('asked before the write');
    expect(late.shared).toBe(false);
    expect(await Promise.all([early.outcome, late.outcome])).toEqual([
      'asked before the write',
      'asked after the write',
    ]);
  });

  it('put whoever comes later on the next one, which sets out when this one has landed', async () => {
    const flights = new Flights();
    const [one, two] = [gate<string>(), gate<string>()];
    const order: string[] = [];
    const fly = (name: string, landing: Promise<string>) =>
      flights.join('k', now(flights), async (ask) => {
        order.push(`${name} sets out`);
        ask();
        const result = await landing;
        order.push(`${name} lands`);
        return result;
      });
    const first = fly('first', one.opened);
    await turn();
    const second = fly('second', two.opened);
    const third = fly('third', two.opened);
    await turn();
    one.open('first');
    two.open('second');
    expect(await first.outcome).toBe('first');
    expect(await second.outcome).toBe('second');
    expect([second.shared, third.shared]).toEqual([false, true]);
    expect(order).toEqual(['first sets out', 'first lands', 'second sets out', 'second lands']);
  });

  it('do not wait for ever for the one before', async () => {
    const flights = new Flights();
    const never = gate<string>();
    flights.join('k', now(flights), (ask) => {
      ask();
      return never.opened;
    });
    await turn();
    await expect(flights.join('k', now(flights), async () => 'second').outcome).resolves.toBe('second');
  });

  it('set out also when the one before failed', async () => {
    const flights = new Flights();
    const first = gate<string>();
    const failing = flights.join('k', now(flights), (ask) => {
      ask();
      return first.opened;
    });
    await turn();
    const second = flights.join('k', now(flights), async () => 'second');
    first.fail(new Error('down'));
    await expect(failing.outcome).rejects.toThrow('down');
    await expect(second.outcome).resolves.toBe('second');
  });

  it('are not boarded by those who ask for less, but by those who ask for more', async () => {
    const flights = new Flights();
    const demanding = flights.join('k', now(flights, 9), async () => 'from 9');
    const modest = flights.join('k', now(flights, 3), async () => 'from 3');
    const third = flights.join('k', now(flights, 5), async () => 'from 5');
    expect(await Promise.all([demanding.outcome, modest.outcome, third.outcome])).toEqual([
      'from 9',
      'from 3',
      'from 3',
    ]);
    expect(third).toMatchObject({ shared: true, minVersion: 3 });
  });

  it('are of one key each, and leave nothing behind', async () => {
    const flights = new Flights();
    const [one, other] = [
      flights.join('k', now(flights), async () => 1),
      flights.join('l', now(flights), async () => 2),
    ];
    expect([await one.outcome, await other.outcome]).toEqual([1, 2]);
    expect(flights.join('k', now(flights), async () => 3).shared).toBe(false);
  });
});
