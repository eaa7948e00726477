import { HotCopies } from '../../../lambdas/cache/hot-copies';

function hotCopies() {
  const clock = { wallMs: 1e12, ms: 5000, nowMs: () => clock.wallMs, monotonicMs: () => clock.ms };
  const hot = new HotCopies(clock);
  return {
    hot,
    pass: (ms: number, wallMs = ms) => {
      clock.ms += ms;
      clock.wallMs += wallMs;
    },
    read: (key: string, times: number) => {
      for (let read = 0; read < times; read++) hot.find(key, 0);
    },
  };
}

const entry = (version: number) => ({ version, flag: 'v', body: '' });

/** A key that has been read often, and its copy. */
function hotKey() {
  const parts = hotCopies();
  parts.read('k', 200);
  const start = parts.hot.begin('k');
  if (start === undefined) throw new Error('the key is not hot');
  return { ...parts, start };
}

describe('HotCopies', () => {
  it('race 18: are for keys that are read 200 times within a second', () => {
    const { hot, pass, read } = hotCopies();
    read('k', 199);
    expect(hot.begin('k')).toBeUndefined();
    pass(1000);
    read('k', 199);
    expect(hot.begin('k')).toBeUndefined();
    read('k', 1);
    expect(hot.begin('k')).toBeDefined();
    expect(hot.begin('other')).toBeUndefined();
  });

  it('race 18: live for a second from the start of the read', () => {
    const { hot, pass, start } = hotKey();
    pass(400);
    hot.keep('k', entry(1), start);
    pass(599);
    expect(hot.find('k', 0)).toEqual(entry(1));
    pass(1);
    expect(hot.find('k', 0)).toBeUndefined();
  });

  it('race 18: end when either clock says so: one may step, the other one stands still while an environment is frozen', () => {
    for (const [ms, wallMs] of [
      [1, 3600_000],
      [1000, -3600_000],
    ] as const) {
      const { hot, pass, start } = hotKey();
      hot.keep('k', entry(1), start);
      pass(ms, wallMs);
      expect(hot.find('k', 0)).toBeUndefined();
    }
  });

  it('answer nobody who has seen more', () => {
    const { hot, start } = hotKey();
    hot.keep('k', entry(5), start);
    expect(hot.find('k', 5)).toEqual(entry(5));
    expect(hot.find('k', 6)).toBeUndefined();
  });

  it('are dropped by key, and all at once', () => {
    const { hot, start } = hotKey();
    hot.keep('k', entry(1), start);
    hot.keep('other', entry(1), start);
    hot.drop(['k']);
    expect(hot.find('k', 0)).toBeUndefined();
    expect(hot.find('other', 0)).toEqual(entry(1));
    hot.clear();
    expect(hot.find('other', 0)).toBeUndefined();
  });

  it('race 18: are not kept of a read during which something was dropped', () => {
    const { hot, start } = hotKey();
    hot.drop(['k']);
    hot.keep('k', entry(1), start);
    expect(hot.find('k', 0)).toBeUndefined();
  });

  it('are bounded in number, as are the counters', () => {
    const { hot, start, read } = hotKey();
    for (let key = 0; key < 1000; key++) hot.keep(`k${key}`, entry(1), start);
    const kept = Array.from({ length: 1000 }, (_, key) => hot.find(`k${key}`, 0)).filter((copy) => copy !== undefined);
    expect(kept.length).toBeLessThanOrEqual(200);
    expect(kept.length).toBeGreaterThan(0);
    for (let key = 0; key < 10_000; key++) read(`one of many ${key}`, 1);
    read('too late to be counted', 500);
    expect(hot.begin('too late to be counted')).toBeUndefined();
  });
});
