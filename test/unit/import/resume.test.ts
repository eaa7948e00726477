import { existsSync } from 'node:fs';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { type ImportOptions, importFiles, type Summary } from '../../../cli/importer';
import { memberFile, readReport, temporaryDirectory } from './files';
import { Peer, type PeerOptions, type Trouble } from './peer';

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
  return importFiles({
    files: [path],
    target: { apis: [peer.url], apiKey: 'importer.secret' },
    firstPauseMs: 4,
    ...more,
  });
}

describe('an import that is interrupted', () => {
  it('at random moments, under random troubles, ends as one that never was', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 60 }), { maxLength: 4 }),
        fc.nat({ max: 1000 }),
        fc.integer({ min: 1, max: 24 }),
        async (stops, salt, concurrency) => {
          run += 1;
          const { content, good, bad } = memberFile(60);
          const path = await files.write(`random-${run}.csv`, content);
          const peer = await Peer.start({
            delayMs: () => 1,
            trouble: (_, number): Trouble => {
              const dice = (number * 7919 + salt) % 23;
              if (dice === 0) return { kind: 'cut', when: 'after' };
              if (dice === 1) return { kind: 'cut', when: 'before' };
              if (dice === 2) return { kind: 'status', status: 503, code: 'UNAVAILABLE' };
              return dice === 3 ? { kind: 'status', status: 429, code: 'LIMITED' } : undefined;
            },
          });
          try {
            for (const stop of stops) {
              const controller = new AbortController();
              const limit = peer.requests.length + stop;
              const watch = setInterval(() => peer.requests.length >= limit && controller.abort(), 1);
              await into(peer, path, { concurrency, signal: controller.signal, saveEveryMs: 5 });
              clearInterval(watch);
            }
            const summary = await into(peer, path, { concurrency, saveEveryMs: 5 });
            expect(peer.names).toEqual(good);
            expect(summary).toMatchObject({ registered: good.length, failed: bad.length });
            const rows = await readReport(`${path}.errors.csv`);
            expect(rows.slice(1).map(({ line }) => line)).toEqual(bad);
          } finally {
            await peer.stop();
          }
        },
      ),
      { numRuns: 15, examples: [[[1, 0], 0, 1]] },
    );
  });

  it('says so, keeps its progress, and does not send again what is done', async () => {
    const { content, good } = memberFile(200);
    const path = await files.write('kept.csv', content);
    const controller = new AbortController();
    const peer = await startPeer({
      trouble: (_, number) => {
        if (number === 100) controller.abort();
        return undefined;
      },
    });
    const first = await into(peer, path, { concurrency: 4, signal: controller.signal });
    expect(first.status).toBe('interrupted');
    expect(existsSync(`${path}.progress.json`)).toBe(true);
    const sent = peer.requests.length;
    expect(sent).toBeLessThan(110);
    const second = await into(peer, path);
    expect(second.status).toBe('lines-failed');
    expect(peer.requests.length).toBe(200);
    expect(peer.names).toEqual(good);
    expect(second.files[0]?.doneBefore).toBeGreaterThan(80);
  });

  it('keeps the progress of the run before if it is interrupted before it came that far', async () => {
    const path = await files.write('twice.csv', `name\n${Array.from({ length: 30 }, (_, n) => `A${n}\n`).join('')}`);
    const controller = new AbortController();
    const peer = await startPeer({
      trouble: (_, number) => {
        if (number === 10) controller.abort();
        return undefined;
      },
    });
    await into(peer, path, { concurrency: 1, signal: controller.signal });
    expect(await into(peer, path, { signal: AbortSignal.abort() })).toMatchObject({ status: 'interrupted' });
    expect(await into(peer, path)).toMatchObject({ status: 'done', registered: 30 });
    expect(peer.requests).toHaveLength(30);
  });

  it('keeps what was done ahead of a line that is still open', async () => {
    const path = await files.write('ahead.csv', `name\n${Array.from({ length: 50 }, (_, n) => `A${n}\n`).join('')}`);
    const controller = new AbortController();
    let isShedding = true;
    const peer = await startPeer({
      trouble: ({ body }) => {
        if (peer.members.size === 49) controller.abort();
        return isShedding && body.includes('"A0"') ? { kind: 'status', status: 503, code: 'SHED' } : undefined;
      },
    });
    const first = await into(peer, path, { concurrency: 8, signal: controller.signal });
    expect(first).toMatchObject({ status: 'interrupted', registered: 49 });
    isShedding = false;
    const sent = peer.requests.length;
    expect(await into(peer, path)).toMatchObject({ status: 'done', registered: 50 });
    expect(peer.requests.slice(sent).map(({ body }) => JSON.parse(body).profile.name)).toEqual(['A0']);
  });

  it('sends a line that was done ahead again if it has changed since', async () => {
    const content = `name\n${Array.from({ length: 20 }, (_, n) => `A${n}\n`).join('')}`;
    const path = await files.write('changed-ahead.csv', content);
    const controller = new AbortController();
    let isShedding = true;
    const peer = await startPeer({
      trouble: ({ body }) => {
        if (peer.members.size === 19) controller.abort();
        return isShedding && body.includes('"A0"') ? { kind: 'status', status: 503, code: 'SHED' } : undefined;
      },
    });
    await into(peer, path, { signal: controller.signal });
    isShedding = false;
    await writeFile(path, content.replace('A7', 'Changed'));
    await into(peer, path);
    expect(peer.names).toContain('Changed');
    expect(peer.members.size).toBe(21);
  });

  it('drops from the report what was written after the last progress', async () => {
    const { content, bad } = memberFile(200);
    const path = await files.write('tail.csv', content);
    const controller = new AbortController();
    const peer = await startPeer({
      trouble: (_, number) => {
        if (number === 100) controller.abort();
        return undefined;
      },
    });
    await into(peer, path, { signal: controller.signal });
    await appendFile(`${path}.errors.csv.part`, '103,INVALID_REQUEST,"half a r');
    await into(peer, path);
    expect((await readReport(`${path}.errors.csv`)).slice(1).map(({ line }) => line)).toEqual(bad);
  });

  it('starts over when the draft of its report is gone', async () => {
    const { content, bad } = memberFile(200);
    const path = await files.write('no-draft.csv', content);
    const controller = new AbortController();
    const peer = await startPeer({
      trouble: (_, number) => {
        if (number === 100) controller.abort();
        return undefined;
      },
    });
    await into(peer, path, { signal: controller.signal });
    await rm(`${path}.errors.csv.part`);
    await into(peer, path);
    expect((await readReport(`${path}.errors.csv`)).slice(1).map(({ line }) => line)).toEqual(bad);
  });

  it('starts over when the file has changed in what was done', async () => {
    const { content } = memberFile(60);
    const path = await files.write('changed.csv', content);
    const controller = new AbortController();
    const peer = await startPeer({
      trouble: (_, number) => {
        if (number === 40) controller.abort();
        return undefined;
      },
    });
    await into(peer, path, { concurrency: 1, signal: controller.signal });
    await writeFile(path, content.replace('M1,', 'Changed,'));
    const notes: string[] = [];
    const display = { update: () => {}, note: (text: string) => void notes.push(text), close: () => {} };
    const summary = await into(peer, path, { display });
    expect(notes.join()).toMatch(/starting over, because it has changed/);
    // The account of the changed line belongs to the member that it named before.
    expect((await readReport(`${path}.errors.csv`)).find(({ line }) => line === 3)?.code).toBe('ACCOUNT_BOUND');
    expect(summary.registered + summary.failed).toBe(60);
    expect(peer.names.filter((name) => name === 'M0')).toHaveLength(1);
  });

  it('goes on in a file that was only appended to', async () => {
    const path = await files.write('grown.csv', `name\n${Array.from({ length: 30 }, (_, n) => `A${n}\n`).join('')}`);
    const controller = new AbortController();
    const peer = await startPeer({
      trouble: (_, number) => {
        if (number === 20) controller.abort();
        return undefined;
      },
    });
    await into(peer, path, { concurrency: 1, signal: controller.signal });
    await appendFile(path, 'Z\n');
    expect(await into(peer, path)).toMatchObject({ status: 'done', registered: 31 });
    expect(peer.requests).toHaveLength(31);
  });

  it('starts over against another system', async () => {
    const path = await files.write('moved.csv', `name\n${Array.from({ length: 30 }, (_, n) => `A${n}\n`).join('')}`);
    const controller = new AbortController();
    const first = await startPeer({
      trouble: (_, number) => {
        if (number === 20) controller.abort();
        return undefined;
      },
    });
    await into(first, path, { concurrency: 1, signal: controller.signal });
    const second = await startPeer();
    expect(await into(second, path)).toMatchObject({ status: 'done', registered: 30 });
    expect(second.members.size).toBe(30);
  });

  it('skips the files that were done before the one in which it was interrupted', async () => {
    const one = await files.write('one.csv', 'name,phone\nA,\nB,1\n');
    const two = await files.write('two.csv', 'name\nC\nD\nE\n');
    const controller = new AbortController();
    const peer = await startPeer({
      trouble: ({ body }) => {
        if (body.includes('"D"')) controller.abort();
        return undefined;
      },
    });
    const options = { files: [one, two], target: { apis: [peer.url], apiKey: 'k' }, concurrency: 1 };
    expect(await importFiles({ ...options, signal: controller.signal })).toMatchObject({ status: 'interrupted' });
    const summary = await importFiles(options);
    expect(summary).toMatchObject({ status: 'lines-failed', registered: 4, failed: 1 });
    expect(summary.files[0]?.report).toBe(`${one}.errors.csv`);
    expect(peer.requests).toHaveLength(5);
    expect([one, two].some((path) => existsSync(`${path}.progress.json`))).toBe(false);
  });
});
