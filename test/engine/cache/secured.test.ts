import { type Cache, createCache } from '../../../lambdas/cache';
import { type Account, systemClock, type Tls } from '../../../lambdas/core';
import { type Certificate, makeCertificate } from '../../support/certificate';
import type { ScratchEngine } from '../../support/scratch-engine';
import { found, loader } from './loaders';
import { startSecuredRedis } from './secured-redis';
import { freshKey, silent } from './two-regions';
import { until } from './until';

const ACCOUNT: Account = { user: 'twinkeep', password: 'cache-for-tests' };
const PATIENT = { local: 10_000, other: 10_000 };

let certificate: Certificate;
let server: { port: number; engine: ScratchEngine };
const opened: Cache[] = [];

beforeAll(async () => {
  certificate = await makeCertificate('localhost');
  server = await startSecuredRedis(certificate, ACCOUNT);
});

afterAll(async () => {
  for (const cache of opened) await cache.close();
  await server.engine.stop();
  await certificate.remove();
});

function open(tls: Tls, account?: Account, host = 'localhost'): Cache {
  const address = { host, port: server.port, tls };
  const endpoints = { A: address, B: address };
  const cache = createCache({ region: 'A', endpoints, account, clock: systemClock, log: silent, timeoutsMs: PATIENT });
  opened.push(cache);
  return cache;
}

test('everything that functions do with a cache works by TLS and as a user of few rights', async () => {
  const cache = open({ ca: certificate.pem }, ACCOUNT);
  await until(() => cache.ping().then(() => true));
  const key = freshKey();
  await cache.setTextBoth(`${key}text`, 'a text', 60_000);
  expect(await cache.getText(`${key}text`)).toBe('a text');
  await cache.mark([key], 'operation');
  for (const version of [1, 2]) {
    expect(await cache.read({ key, load: loader(found(version)) })).toMatchObject({ found: found(version) });
  }
  await cache.fence([{ key, version: 5 }], 'operation');
  expect(await cache.read({ key, load: loader(found(4)) })).toMatchObject({ found: found(4) });
  expect(await cache.read({ key, load: loader(found(5)) })).toMatchObject({ found: found(5) });
  expect(await cache.read({ key, load: loader(found(6)) })).toEqual({ source: 'cache', entry: found(5).entry });
  await cache.fenceHere([{ key, version: 6 }]);
  expect(await cache.peekMany([key])).toEqual([undefined]);
  expect(await cache.replayUnfenced()).toBe(0);
});

test.each<[string, () => Cache]>([
  ['nobody', () => open({ ca: certificate.pem })],
  ['the user with another password', () => open({ ca: certificate.pem }, { ...ACCOUNT, password: 'wrong' })],
  ['the user without TLS', () => open(false, ACCOUNT)],
])('the cache refuses %s', async (_, openAs) => {
  await expect(openAs().getText('x')).rejects.toThrow();
});

test.each<[string, () => Cache]>([
  ['nobody known vouches for', () => open(true, ACCOUNT)],
  ['bears another name than was asked for', () => open({ ca: certificate.pem }, ACCOUNT, '127.0.0.1')],
])('the password goes to no server that %s', async (_, openAs) => {
  await expect(openAs().getText('x')).rejects.toThrow();
});
