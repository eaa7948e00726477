import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Account, Tls } from '../../../lambdas/core';
import { type Certificate, makeCertificate } from '../../support/certificate';
import { startEmptyServer } from './secured-database';

const UNIT = { name: 'a1', epoch: 7, writer: 'A' } as const;
const PING_MS = 10_000;

let certificate: Certificate;
let server: Awaited<ReturnType<typeof startEmptyServer>>;
let tls: Tls;

beforeAll(async () => {
  certificate = await makeCertificate('localhost');
  server = await startEmptyServer(certificate);
  tls = { ca: certificate.pem };
});

afterAll(async () => {
  await server.stop();
  await certificate.remove();
});

let users = 0;
const newAccount = (): Account => ({ user: `app${++users}`, password: `it's a "pass\\word" ${users}` });
const ping = (account: Account, options: Parameters<typeof server.open>[1]) =>
  server.open(account, options).ping('a1', 'A', PING_MS);
/** Why a connection was refused. */
const refusal = (connecting: Promise<unknown>): Promise<string> =>
  connecting.then(
    () => 'not refused',
    ({ cause }: { cause: { code?: string; message: string } }) => `${cause.code} ${cause.message}`,
  );

describe('with the master’s account', () => {
  const account = newAccount();

  test('an empty server gets the application’s user, schemas, fence and lease', async () => {
    const shards = server.open(account, { tls, master: server.master });
    await shards.provision(UNIT);
    const [clock] = await shards.leases.readClocks('a1', 'A');
    expect(clock).toMatchObject({ cluster: 'a1', leftMs: 0 });
    const [row] = await server.administer('SELECT unit, epoch FROM twinkeep.fence');
    expect(row).toEqual({ unit: 'a1', epoch: 7 });
  });

  test('whoever repeats it changes nothing', async () => {
    const grants = () => server.administer(`SHOW GRANTS FOR '${account.user}'@'%'`);
    const before = await grants();
    await server.open(account, { tls, master: server.master }).provision({ ...UNIT, epoch: 8 });
    expect(await grants()).toEqual(before);
    expect(await server.administer('SELECT epoch FROM twinkeep.fence')).toEqual([{ epoch: 7 }]);
  });

  test('the application’s user may read and write rows, and nothing else', async () => {
    const connection = await server.connect(account, true);
    try {
      await connection.query("INSERT INTO members_0.undecided VALUES (1, '2025-01-01')");
      await connection.query('DELETE FROM members_0.undecided');
      for (const sql of [
        'CREATE DATABASE mine',
        'DROP TABLE members_0.undecided',
        'CREATE TABLE members_0.mine (id INT)',
        'SELECT user FROM mysql.user',
        "CREATE USER mine@'%'",
      ]) {
        await expect(connection.query(sql)).rejects.toThrow(/denied/);
      }
    } finally {
      await connection.end();
    }
  });

  test('the application’s user comes by TLS only', async () => {
    await (await server.connect(account, true)).end();
    await expect(server.connect(account, false)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  });

  test('a new password counts once it is provisioned, and the old one does not any more', async () => {
    const changed = { ...account, password: 'a new one' };
    await server.open(changed, { tls, master: server.master }).provision(UNIT);
    await ping(changed, { tls });
    expect(await refusal(ping(account, { tls }))).toMatch(/^ER_ACCESS_DENIED_ERROR /);
  });
});

test('a failure tells the code, and neither the statement nor the password', async () => {
  await server.administer("CREATE USER limited@'%' IDENTIFIED BY 'limited-for-tests'");
  const account = newAccount();
  const master = { user: 'limited', password: 'limited-for-tests' };
  const error = await server
    .open(account, { tls, master })
    .provision(UNIT)
    .then(
      () => undefined,
      (thrown: Error) => thrown,
    );
  expect(error?.message).toBe('cluster a1 could not be provisioned: ER_SPECIFIC_ACCESS_DENIED_ERROR');
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('word');
});

test('an account that may not write is found when it is provisioned', async () => {
  const nobody = { user: 'nobody', password: 'for-tests' };
  await expect(server.open(nobody, { tls }).provision(UNIT)).rejects.toThrow(
    'cluster a1 could not be provisioned: ER_ACCESS_DENIED_ERROR',
  );
});

test('the master does not become the application’s user', async () => {
  const shards = server.open({ ...server.master, password: 'another' }, { tls, master: server.master });
  await expect(shards.provision(UNIT)).rejects.toThrow('cluster a1 could not be provisioned: the master');
  expect(await server.administer('SELECT 1 AS still')).toEqual([{ still: 1 }]);
  await (await server.connect(server.master, true)).end();
});

test('a connection goes to a server only if somebody known vouches for it, as NODE_EXTRA_CA_CERTS may say', async () => {
  expect(await refusal(ping(server.master, { tls: true }))).toMatch(/self-signed certificate/);
  const directory = await mkdtemp(join(tmpdir(), 'twinkeep-ping-'));
  const outfile = join(directory, 'ping.cjs');
  await build({ entryPoints: [join(__dirname, 'ping.ts')], outfile, bundle: true, platform: 'node', format: 'cjs' });
  const address = { host: 'localhost', port: server.port, tls: true };
  const told = JSON.stringify({ endpoints: { a1: { A: address, B: address } }, secrets: server.master });
  const pinged = async (environment: NodeJS.ProcessEnv) =>
    (await promisify(execFile)(process.execPath, [outfile, told], { env: { ...process.env, ...environment } })).stdout;
  expect(await pinged({ NODE_EXTRA_CA_CERTS: certificate.certificateFile })).toBe('reached\n');
  expect(await pinged({})).toContain('self-signed certificate');
  await rm(directory, { recursive: true });
});

test('a connection goes to no server of another name', async () => {
  const other = await makeCertificate('elsewhere.example');
  const elsewhere = await startEmptyServer(other);
  try {
    const shards = elsewhere.open(elsewhere.master, { tls: { ca: other.pem } });
    expect(await refusal(shards.ping('a1', 'A', PING_MS))).toMatch(/does not match certificate's altnames/);
  } finally {
    await elsewhere.stop();
    await other.remove();
  }
});

test('a connection goes to no server that speaks no TLS', async () => {
  const plain = await startEmptyServer();
  try {
    const shards = plain.open(plain.master, { tls });
    expect(await refusal(shards.ping('a1', 'A', PING_MS))).toMatch(/^HANDSHAKE_NO_SSL_SUPPORT /);
    await plain.open(plain.master, { tls: false }).ping('a1', 'A', PING_MS);
  } finally {
    await plain.stop();
  }
});
