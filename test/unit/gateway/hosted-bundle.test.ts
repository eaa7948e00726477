import { loadBundle } from '../../../local/gateway/hosted-bundle';
import { load, writeBundle } from './hosted';

const COUNTER = `
  let count = 0;
  exports.handler = async () => ({ name: process.env.NAME, count: ++count, pid: process.pid, all: { ...process.env } });
`;

function context() {
  return expect.anything() as never;
}

test('bundles that share a process have environments and state of their own', async () => {
  const bundle = writeBundle(COUNTER);
  const one = loadBundle({ name: 'one', bundle, environment: { NAME: 'one' } });
  const two = loadBundle({ name: 'two', bundle, environment: { NAME: 'two' } });
  await one.handler({}, context());
  expect(await one.handler({}, context())).toEqual({ name: 'one', count: 2, pid: process.pid, all: { NAME: 'one' } });
  expect(await two.handler({}, context())).toEqual({ name: 'two', count: 1, pid: process.pid, all: { NAME: 'two' } });
  expect(process.env.NAME).toBeUndefined();
});

test('what a bundle writes into its environment stays there', async () => {
  const bundle = load(`process.env.WRITTEN = 'x'; exports.handler = () => process.env.WRITTEN;`);
  expect(bundle.handler({}, context())).toBe('x');
  expect(process.env.WRITTEN).toBeUndefined();
});

test('a required process is the bundle’s own as well', () => {
  const bundle = load(`exports.handler = () => require('node:process').env.NAME;`, { NAME: 'own' });
  expect(bundle.handler({}, context())).toBe('own');
});

test('stack traces name the file', () => {
  const bundle = load(`exports.handler = () => { throw new Error('boom'); };`);
  expect(() => bundle.handler({}, context())).toThrow(
    expect.objectContaining({ stack: expect.stringContaining('function.cjs:1') }),
  );
});

test('a bundle may replace its exports', () => {
  expect(load('module.exports = { handler: () => 7 };').handler({}, context())).toBe(7);
});

test('a bundle without a handler is refused by name', () => {
  expect(() => load('exports.main = () => 1;')).toThrow('The bundle of test exports no function named handler');
});

test('a bundle that fails while it loads fails the load', () => {
  expect(() => load(`throw new Error('no environment');`)).toThrow('no environment');
});
