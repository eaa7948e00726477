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

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Flights', () => {
  it('race 17: take on board whoever comes before the load begins', async () => {
    const flights = new Flights();
    const lease = gate<void>();
    const work = jest.fn(async (depart: () => void) => {
      await lease.opened;
      depart();
      return 'loaded';
    });
    const first = flights.join('k', 0, work);
    await turn();
    const second = flights.join('k', 0, work);
    lease.open();
    expect([first.shared, second.shared]).toEqual([false, true]);
    expect(await Promise.all([first.outcome, second.outcome])).toEqual(['loaded', 'loaded']);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('put whoever comes later on the next one, which sets out when this one has landed', async () => {
    const flights = new Flights();
    const [one, two] = [gate<string>(), gate<string>()];
    const order: string[] = [];
    const fly = (name: string, landing: Promise<string>) =>
      flights.join('k', 0, async (depart) => {
        order.push(`${name} sets out`);
        depart();
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
    flights.join('k', 0, (depart) => {
      depart();
      return never.opened;
    });
    await turn();
    await expect(flights.join('k', 0, async () => 'second').outcome).resolves.toBe('second');
  });

  it('set out also when the one before failed', async () => {
    const flights = new Flights();
    const first = gate<string>();
    const failing = flights.join('k', 0, (depart) => {
      depart();
      return first.opened;
    });
    await turn();
    const second = flights.join('k', 0, async () => 'second');
    first.fail(new Error('down'));
    await expect(failing.outcome).rejects.toThrow('down');
    await expect(second.outcome).resolves.toBe('second');
  });

  it('are not boarded by those who ask for less, but by those who ask for more', async () => {
    const flights = new Flights();
    const demanding = flights.join('k', 9, async () => 'from 9');
    const modest = flights.join('k', 3, async () => 'from 3');
    const third = flights.join('k', 5, async () => 'from 5');
    expect(await Promise.all([demanding.outcome, modest.outcome, third.outcome])).toEqual([
      'from 9',
      'from 3',
      'from 3',
    ]);
    expect(third).toMatchObject({ shared: true, minVersion: 3 });
  });

  it('are of one key each, and leave nothing behind', async () => {
    const flights = new Flights();
    const [one, other] = [flights.join('k', 0, async () => 1), flights.join('l', 0, async () => 2)];
    expect([await one.outcome, await other.outcome]).toEqual([1, 2]);
    expect(flights.join('k', 0, async () => 3).shared).toBe(false);
  });
});
