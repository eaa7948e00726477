import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { memberFile, readReport, temporaryDirectory } from './files';
import { Peer, type PeerOptions } from './peer';

const ROOT = join(__dirname, '../../..');
const files = temporaryDirectory();
const peers: Peer[] = [];

async function startPeer(options: PeerOptions = {}): Promise<Peer> {
  const peer = await Peer.start(options);
  peers.push(peer);
  return peer;
}

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.stop()));
});

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'cli/import.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, NODE_NO_WARNINGS: '1', TWINKEEP_API_KEY: 'importer.secret', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

async function end(child: ChildProcess): Promise<Ended> {
  let [out, error] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code, out, error };
}

function run(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended> {
  return end(start(args, environment));
}

describe('the import command', () => {
  it('is killed again and again, and loses nothing and does nothing twice', async () => {
    const { content, good, bad } = memberFile(400);
    const path = await files.write('killed.csv', content);
    let victim: ChildProcess | undefined;
    let killAt = 0;
    const peer = await startPeer({
      delayMs: () => 4,
      trouble: (_, number) => {
        if (number >= killAt) victim?.kill('SIGKILL');
        return undefined;
      },
    });
    for (const requests of [3, 90, 17, 120, 55]) {
      killAt = peer.requests.length + requests;
      victim = start([path, '--api', peer.url, '--quiet']);
      const [, signal] = await once(victim, 'exit');
      expect(signal).toBe('SIGKILL');
    }
    victim = undefined;
    const { code } = await run([path, '--api', peer.url, '--quiet']);
    expect(code).toBe(1);
    expect(peer.names).toEqual(good);
    const rows = await readReport(`${path}.errors.csv`);
    expect(rows.slice(1).map(({ line }) => line)).toEqual(bad);
    expect(existsSync(`${path}.progress.json`)).toBe(false);
  });

  it('finishes what is in flight at Ctrl-C, says how to go on, and goes on', async () => {
    const { content, good } = memberFile(300);
    const path = await files.write('interrupted.csv', content);
    let child: ChildProcess | undefined;
    const peer = await startPeer({
      delayMs: () => 20,
      trouble: (_, number) => {
        if (number === 100) child?.kill('SIGINT');
        return undefined;
      },
    });
    child = start([path, '--api', peer.url, '--json']);
    const first = await end(child);
    expect(first.code).toBe(130);
    expect(first.error).toMatch(/Finishing what is in flight/);
    const summary = JSON.parse(first.out);
    expect(summary.status).toBe('interrupted');
    expect(summary.registered + summary.failed).toBe(peer.requests.length);
    const second = await run([path, '--api', peer.url]);
    expect(second.code).toBe(1);
    expect(second.error).toMatch(/going on behind \d+ lines/);
    expect(second.out).toMatch(/see .*interrupted\.csv\.errors\.csv/);
    expect(peer.names).toEqual(good);
    expect(peer.requests).toHaveLength(300);
  });

  it('does not warn about listeners when many lines pause at once', async () => {
    const path = await files.write('pauses.csv', `name\n${Array.from({ length: 60 }, (_, n) => `A${n}\n`).join('')}`);
    const peer = await startPeer({
      trouble: (_, number) => (number <= 60 ? { kind: 'status', status: 503, code: 'SHED' } : undefined),
    });
    const args = [path, '--api', peer.url, '--concurrency', '60'];
    expect(await run(args, { NODE_NO_WARNINGS: '' })).toMatchObject({ code: 0, error: '' });
  });

  it('gives up when nobody answers, and can be repeated', async () => {
    const path = await files.write('nobody.csv', 'name\nAnn\n');
    const peer = await startPeer();
    const { url } = peer;
    await peer.stop();
    peers.length = 0;
    const gone = await run([path, '--api', url, '--give-up-after', '1']);
    expect(gone).toMatchObject({ code: 3 });
    expect(gone.out).toMatch(/Gave up: UNREACHABLE[\s\S]*again to go on/);
    const back = await Peer.start({}, Number(new URL(url).port));
    peers.push(back);
    expect(await run([path, '--api', url])).toMatchObject({ code: 0, out: `${path}: 1 registered, 0 failed\n` });
    expect(back.names).toEqual(['Ann']);
  });

  it.each([
    [[], /at least one CSV file/],
    [['x.csv', '--frobnicate'], /frobnicate/],
    [['x.csv', '--concurrency', '0'], /from 1 to/],
    [['x.csv', '--api', 'nowhere'], /no URL/],
    [['/nowhere/x.csv', '--api', 'http://127.0.0.1:9'], /no such file/],
    [['x.csv', '--directory', '/nowhere'], /npm run local/],
  ])(
    'does not understand %j',
    async (args, reason) => {
      const { code, error } = await run(args);
      expect(code).toBe(2);
      expect(error).toMatch(reason);
    },
    30_000,
  );
});
