import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { type ImportOptions, ImportRefused, importFiles } from '../../../cli/importer';
import { generateMembers } from '../../../scripts/members/generate';
import { physicalLines, readReport, temporaryDirectory } from './files';
import { Peer, type PeerOptions } from './peer';

const files = temporaryDirectory();
const peers: Peer[] = [];

async function startPeer(options: PeerOptions = {}): Promise<Peer> {
  const peer = await Peer.start(options);
  peers.push(peer);
  return peer;
}

function into(peer: Peer, path: string, more: Partial<ImportOptions> = {}) {
  return importFiles({ files: [path], target: { apis: [peer.url], apiKey: 'importer.secret' }, ...more });
}

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.stop()));
});

describe('a whole file', () => {
  it('registers every good line, and reports every broken one with its code and its bytes', async () => {
    const [out, broken, expect_] = [files.path('m.csv'), files.path('b.csv'), files.path('e.json')];
    await generateMembers({ members: 300, out, broken, expect: expect_, seed: 7 });
    const peer = await startPeer({ delayMs: () => Math.random() * 3 });

    const summary = await importFiles({
      files: [out, broken],
      target: { apis: [peer.url], apiKey: 'importer.secret' },
    });

    const expectation = JSON.parse(await readFile(expect_, 'utf8'));
    const rows = await readReport(`${broken}.errors.csv`);
    expect(rows.slice(1).map(({ line, code }) => ({ line, code }))).toEqual(
      expectation.bad.map(({ line, code }: { line: number; code: string }) => ({ line, code })),
    );
    const lines = physicalLines(await readFile(broken));
    for (const row of rows) expect(row.raw.equals(lines[row.line] as Buffer)).toBe(true);
    expect(summary).toMatchObject({
      status: 'lines-failed',
      registered: 300 + expectation.good.length,
      failed: expectation.bad.length,
      blank: expectation.blank.length,
    });
    expect(peer.members.size).toBe(300 + expectation.good.length);
    expect(peer.names).toContain('=1+1');
    expect(peer.requests.every(({ apiKey }) => apiKey === 'importer.secret')).toBe(true);
    expect([out, broken].some((path) => existsSync(`${path}.progress.json`) || existsSync(`${path}.lock`))).toBe(false);
    expect(existsSync(`${out}.errors.csv`)).toBe(false);
  });

  it('reads a byte order mark, CRLF, columns in any order and a last line without an ending', async () => {
    const path = await files.write(
      'excel.csv',
      '\ufeffaccounts,tags,name\r\n,,Ann\r\n"[""web:B:b""]",a;b,"Bob, ""B"""',
    );
    const peer = await startPeer();
    expect(await into(peer, path)).toMatchObject({ status: 'done', registered: 2 });
    expect(peer.requests.map(({ body }) => JSON.parse(body))).toEqual(
      expect.arrayContaining([
        { profile: { name: 'Ann' } },
        { profile: { name: 'Bob, "B"', tags: ['a', 'b'] }, accounts: [{ platform: 'web', account: 'B:b' }] },
      ]),
    );
  });

  it('keeps to the given concurrency', async () => {
    const path = await files.write('many.csv', `name\n${Array.from({ length: 60 }, (_, n) => `A${n}\n`).join('')}`);
    const peer = await startPeer({ delayMs: () => 5 });
    await into(peer, path, { concurrency: 4 });
    expect(peer.mostInFlight).toBe(4);
  });

  it('gives an account to the first line that names it, whatever the speed of its answer', async () => {
    const lines = Array.from({ length: 40 }, (_, n) => `First${n},"[""web:W${n}""]"\nSecond${n},"[""web:w${n}""]"\n`);
    const path = await files.write('rivals.csv', `name,accounts\n${lines.join('')}`);
    const peer = await startPeer({ delayMs: () => Math.random() * 10 });
    expect(await into(peer, path, { concurrency: 32 })).toMatchObject({ registered: 40, failed: 40 });
    expect(peer.names.every((name) => name.startsWith('First'))).toBe(true);
  });
});

describe('what is registered only once', () => {
  it('a file that is imported again, reordered, requoted, and with lines added', async () => {
    const path = await files.write('again.csv', 'name,city\nAnn,Rome\nBob,Oslo\nAnn,Rome\n');
    const peer = await startPeer();
    await into(peer, path);
    expect(peer.names).toEqual(['Ann', 'Ann', 'Bob']);
    await writeFile(path, 'city,name\r\n"Rome","Ann"\r\nLima,Cleo\r\nRome,Ann\r\nOslo,Bob\r\n');
    expect(await into(peer, path)).toMatchObject({ status: 'done', registered: 4 });
    expect(peer.names).toEqual(['Ann', 'Ann', 'Bob', 'Cleo']);
  });

  it('equal lines without an account are members of their own, equal lines with one are the same member', async () => {
    const path = await files.write('equal.csv', 'name,accounts\nAnn,\nAnn,\nBob,"[""app:1""]"\nBob,"[""app:1""]"\n');
    const peer = await startPeer();
    expect(await into(peer, path)).toMatchObject({ status: 'done', registered: 4 });
    expect(peer.names).toEqual(['Ann', 'Ann', 'Bob']);
  });

  it('a scope makes equal lines other members', async () => {
    const path = await files.write('scope.csv', 'name\nAnn\n');
    const peer = await startPeer();
    await into(peer, path);
    await into(peer, path, { scope: 'second shop' });
    expect(peer.names).toEqual(['Ann', 'Ann']);
  });
});

describe('the error report', () => {
  it('is imported again once it is corrected, and what is not corrected is reported again', async () => {
    const bad = Buffer.concat([
      Buffer.from('city,name,phone\n"R""ome",Ann,123\nOslo,B\xf6b,\n', 'latin1'),
      Buffer.from('Lima,Cleo\n'),
    ]);
    const path = await files.write('correct.csv', bad);
    const peer = await startPeer();
    expect(await into(peer, path)).toMatchObject({ failed: 3, registered: 0 });
    const report = `${path}.errors.csv`;
    const text = await readFile(report, 'latin1');
    await writeFile(report, text.replace('Ann,123', 'Ann,+39123456789').replace('B\xf6b', 'Bob'), 'latin1');

    expect(await into(peer, report)).toMatchObject({ failed: 1, registered: 2 });

    expect(peer.names).toEqual(['Ann', 'Bob']);
    expect(JSON.parse(peer.requests.at(-1)?.body ?? '{}').profile).toBeDefined();
    const rows = await readReport(`${report}.errors.csv`);
    expect(rows.map(({ code, raw }) => [code, raw.toString()])).toEqual([
      ['COLUMNS', 'city,name,phone'],
      ['COLUMN_COUNT', 'Lima,Cleo'],
    ]);
  });

  it('is never overwritten by another one, because someone may be correcting it', async () => {
    const path = await files.write('kept.csv', 'name,phone\nAnn,1\nBob,2\n');
    const peer = await startPeer();
    await into(peer, path);
    const first = await readFile(`${path}.errors.csv`, 'utf8');
    await into(peer, path);
    expect(existsSync(`${path}.errors.1.csv`)).toBe(false);
    await writeFile(path, 'name,phone\nAnn,1\n');
    await into(peer, path);
    expect(await readFile(`${path}.errors.1.csv`, 'utf8')).toBe(first);
    expect(await readReport(`${path}.errors.csv`)).toHaveLength(2);
  });
});

describe('a file that is refused', () => {
  it.each([
    ['empty', '', /empty/],
    ['no name', 'city\nRome\n', /"name"/],
    ['unknown column', 'name,fax\nA,1\n', /"fax"/],
    ['another separator', 'name;city\nA;Rome\n', /commas/],
    ['a column twice', 'name,name\nA,B\n', /twice/],
    ['UTF-16', Buffer.from('\ufeffname\nA\n', 'utf16le'), /UTF-16/],
    ['a report without columns', 'line,code,message,raw\n2,X,y,A\n', /COLUMNS/],
  ])('%s', async (name, content, reason) => {
    const path = await files.write(`refused-${name.replaceAll(' ', '-')}.csv`, content);
    const peer = await startPeer();
    await expect(into(peer, path)).rejects.toThrow(reason);
    await expect(into(peer, path)).rejects.toBeInstanceOf(ImportRefused);
    expect(peer.requests).toHaveLength(0);
  });

  it('a key that the API does not know stops the import at once', async () => {
    const path = await files.write('key.csv', `name\n${'A\n'.repeat(500)}`);
    const peer = await startPeer({ trouble: () => ({ kind: 'status', status: 401, code: 'UNKNOWN_CALLER' }) });
    await expect(into(peer, path)).rejects.toThrow(/UNKNOWN_CALLER/);
    expect(peer.requests.length).toBeLessThanOrEqual(16);
  });

  it('a dry run sends nothing, writes nothing, and counts what is malformed', async () => {
    const path = await files.write('dry.csv', 'name,tags\nA,x\nB\n\nC,[1]\n');
    const notes: string[] = [];
    const display = { update: () => {}, note: (text: string) => void notes.push(text), close: () => {} };
    const summary = await importFiles({ files: [path], dryRun: true, display });
    expect(summary).toMatchObject({ status: 'lines-failed', registered: 1, failed: 2, blank: 1 });
    expect(notes).toEqual([expect.stringContaining(':3: COLUMN_COUNT'), expect.stringContaining(':5: INVALID_CELL')]);
    expect(existsSync(`${path}.errors.csv`)).toBe(false);
  });
});
