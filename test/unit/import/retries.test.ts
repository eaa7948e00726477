import { type ImportOptions, importFiles, type Summary } from '../../../cli/importer';
import { judge, retryAfterMs } from '../../../cli/importer/answer';
import { readReport, temporaryDirectory } from './files';
import { Peer, type PeerOptions } from './peer';

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

function into(peer: Peer, path: string, more: Partial<ImportOptions> = {}): Promise<Summary> {
  const target = { apis: [peer.url], apiKey: 'importer.secret' };
  return importFiles({ files: [path], target, firstPauseMs: 4, ...more });
}

describe('a line that is not decided at once', () => {
  it.each([
    ['limited', { kind: 'status', status: 429, code: 'LIMITED' }],
    ['not available', { kind: 'status', status: 503, code: 'UNAVAILABLE' }],
    ['under way', { kind: 'status', status: 409, code: 'IDEMPOTENCY_IN_PROGRESS' }],
    ['failed unexpectedly', { kind: 'status', status: 500, code: 'INTERNAL' }],
    ['cut off before it arrived', { kind: 'cut', when: 'before' }],
    ['cut off after it was carried out', { kind: 'cut', when: 'after' }],
  ] as const)('%s: is sent again under the same key', async (name, trouble) => {
    const path = await files.write(`${name.replaceAll(' ', '-')}.csv`, 'name\nAnn\n');
    const peer = await startPeer({ trouble: (_, number) => (number <= 3 ? trouble : undefined) });
    expect(await into(peer, path)).toMatchObject({ status: 'done', registered: 1, retries: 3 });
    expect(peer.names).toEqual(['Ann']);
    expect(new Set(peer.requests.map(({ key }) => key)).size).toBe(1);
  });

  it('waits as long as Retry-After asks', async () => {
    const path = await files.write('after.csv', 'name\nAnn\n');
    const sentAtMs: number[] = [];
    const peer = await startPeer({
      trouble: (_, number) => {
        sentAtMs.push(performance.now());
        return number === 1 ? { kind: 'status', status: 503, code: 'SHED', retryAfterS: 1 } : undefined;
      },
    });
    await into(peer, path);
    expect((sentAtMs[1] ?? 0) - (sentAtMs[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('is set aside when it alone can not be decided, and may be imported from the report', async () => {
    const path = await files.write(
      'alone.csv',
      `name\nStuck\n${Array.from({ length: 400 }, (_, n) => `A${n}\n`).join('')}`,
    );
    let isStuck = true;
    const peer = await startPeer({
      delayMs: () => 2,
      trouble: ({ body }) =>
        isStuck && body.includes('Stuck') ? { kind: 'status', status: 503, code: 'UNAVAILABLE' } : undefined,
    });
    const summary = await into(peer, path, { giveUpAfterMs: 200, concurrency: 2 });
    expect(summary).toMatchObject({ status: 'lines-failed', registered: 400, failed: 1 });
    const [, row] = await readReport(`${path}.errors.csv`);
    expect(row).toMatchObject({ line: 2, code: 'UNAVAILABLE', message: expect.stringMatching(/outcome is open/) });
    isStuck = false;
    expect(await into(peer, `${path}.errors.csv`)).toMatchObject({ status: 'done', registered: 1 });
    expect(peer.names.filter((name) => name === 'Stuck')).toHaveLength(1);
  });

  it('is set aside as the second of its kind, and is not taken for the first when it is imported from the report', async () => {
    const others = Array.from({ length: 200 }, (_, n) => `A${n}\n`).join('');
    const path = await files.write('equal.csv', `name\nAnn\nAnn\n${others}`);
    let isStuck = true;
    const peer = await startPeer({
      delayMs: () => 2,
      trouble: ({ key }) =>
        isStuck && key.endsWith('-2') ? { kind: 'status', status: 503, code: 'UNAVAILABLE' } : undefined,
    });
    const summary = await into(peer, path, { giveUpAfterMs: 100, concurrency: 2 });
    expect(summary).toMatchObject({ status: 'lines-failed', registered: 201, failed: 1 });
    isStuck = false;
    expect(await into(peer, `${path}.errors.csv`)).toMatchObject({ status: 'done', registered: 1 });
    expect(peer.names.filter((name) => name === 'Ann')).toHaveLength(2);
  });

  it('ends the import when no line can be decided, and is not taken for a failed one', async () => {
    const path = await files.write('all.csv', 'name\nAnn\nBob\n');
    const peer = await startPeer({ trouble: () => ({ kind: 'status', status: 503, code: 'STOPPED' }) });
    const summary = await into(peer, path, { giveUpAfterMs: 100 });
    expect(summary).toMatchObject({
      status: 'gave-up',
      registered: 0,
      failed: 0,
      gaveUp: expect.stringMatching(/STOPPED/),
    });
  });

  it('fails after some tries when the API fails on it and only on it', async () => {
    const path = await files.write('ill.csv', 'name\nAnn\nIll\n');
    const peer = await startPeer({
      trouble: ({ body }) => (body.includes('Ill') ? { kind: 'status', status: 500, code: 'INTERNAL' } : undefined),
    });
    expect(await into(peer, path)).toMatchObject({ status: 'lines-failed', registered: 1, failed: 1 });
    expect(peer.requests.filter(({ body }) => body.includes('Ill'))).toHaveLength(6);
  });

  it('is sent to the other region when one can not be reached', async () => {
    const path = await files.write('region.csv', 'name\nAnn\nBob\n');
    const [gone, there] = [await startPeer(), await startPeer()];
    const { url } = gone;
    await gone.stop();
    peers.shift();
    const target = { apis: [url, there.url], apiKey: 'importer.secret' };
    expect(await importFiles({ files: [path], target, firstPauseMs: 4 })).toMatchObject({
      status: 'done',
      registered: 2,
    });
    expect(there.names).toEqual(['Ann', 'Bob']);
  });
});

describe('answers', () => {
  const answer = (status: number, body: unknown = {}, headers = {}) => ({
    status,
    headers,
    body: JSON.stringify(body),
  });

  it('say what is wrong by field, where the API does', () => {
    const errors = [
      { path: 'profile.phone', message: 'must be E.164' },
      { path: 'profile.tier', message: 'is unknown' },
    ];
    expect(judge(answer(400, { code: 'INVALID_REQUEST', title: 'The request is not valid', errors }), 0)).toEqual({
      kind: 'failed',
      code: 'INVALID_REQUEST',
      message: 'profile.phone: must be E.164; profile.tier: is unknown',
    });
  });

  it('that are no problem document still have a code', () => {
    expect(judge({ status: 422, headers: {}, body: '<html>' }, 0)).toMatchObject({ kind: 'failed', code: 'HTTP_422' });
    expect(judge({ status: 302, headers: {}, body: '' }, 0)).toMatchObject({ kind: 'refused' });
  });

  it('carry Retry-After in seconds or as a date', () => {
    const now = Date.UTC(2025, 0, 1);
    expect(retryAfterMs({ headers: { 'retry-after': '7' } }, now)).toBe(7000);
    expect(retryAfterMs({ headers: { 'retry-after': 'Wed, 01 Jan 2025 00:00:05 GMT' } }, now)).toBe(5000);
    expect(retryAfterMs({ headers: { 'retry-after': 'soon' } }, now)).toBe(0);
    expect(retryAfterMs({ headers: {} }, now)).toBe(0);
  });
});
