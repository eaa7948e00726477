import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { MEMBER_COLUMNS } from '../../../cli/importer/columns';
import { readRegistration } from '../../../cli/importer/registration';
import { parseRegistration, type Registration } from '../../../lambdas/members/schema';
import { BROKEN_KINDS } from '../../../scripts/members/broken-kinds';
import { generateMembers } from '../../../scripts/members/generate';
import { PLATFORMS } from '../../../topology';

const MEMBERS = 5000;
const NOW_MS = Date.UTC(2026, 0, 1);
let directory = '';
let registrations: Registration[] = [];

const at = (name: string) => join(directory, name);

async function sha256(name: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(at(name)))
    .digest('hex');
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'twinkeep-generate-'));
  await generateMembers({ members: MEMBERS, out: at('m.csv'), broken: at('b.csv'), expect: at('e.json') });
  const [header = [], ...rows] = parse(await readFile(at('m.csv')));
  expect(header).toEqual([...MEMBER_COLUMNS]);
  registrations = rows.map((cells) => parseRegistration(readRegistration(cells, MEMBER_COLUMNS), NOW_MS));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('generated members', () => {
  it('are the same bytes for the same seed, on every machine', async () => {
    // What seeded a system yesterday must be what seeds it today: change these only with intent.
    expect(await sha256('m.csv')).toBe('08d39b23eebaf4750f9122bcd3af2914381ad900a5e7685cbb846d00b0310b49');
    expect(await sha256('b.csv')).toBe('2e791478fd6085d626da99e3a5f815a4b2cb79de9f20323883253666b09f84ca');
    await generateMembers({ members: 50, out: at('one.csv'), seed: 2 });
    await generateMembers({ members: 50, out: at('two.csv'), seed: 3 });
    expect(await sha256('one.csv')).not.toBe(await sha256('two.csv'));
  });

  it('are all taken by the API', () => {
    expect(registrations).toHaveLength(MEMBERS);
  });

  it('share no account, also where only case differs', () => {
    const accounts = registrations.flatMap((member) =>
      member.accounts.map(({ platform, account }) => `${platform}:${account}`),
    );
    expect(new Set(accounts).size).toBe(accounts.length);
  });

  it('use every platform, some much more than others', () => {
    const counts = new Map<string, number>();
    for (const { platform } of registrations.flatMap(({ accounts }) => accounts)) {
      counts.set(platform, (counts.get(platform) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(Object.keys(PLATFORMS).sort());
    expect(Math.max(...counts.values())).toBeGreaterThan(5 * Math.min(...counts.values()));
  });

  it('have few accounts, some of them many, some none', () => {
    const counts = registrations.map(({ accounts }) => accounts.length);
    expect(Math.max(...counts)).toBe(20);
    expect(counts.filter((count) => count === 1).length).toBeGreaterThan(MEMBERS / 2);
    expect(counts.filter((count) => count === 0).length).toBeGreaterThan(0);
    expect(counts.filter((count) => count >= 10).length).toBeGreaterThan(MEMBERS / 100);
  });

  it('have names in many scripts, with marks, apostrophes, commas and quotes', () => {
    const names = registrations.map(({ profile }) => profile.name);
    const scripts = [
      'Latin',
      'Han',
      'Hiragana',
      'Katakana',
      'Hangul',
      'Arabic',
      'Hebrew',
      'Cyrillic',
      'Greek',
      'Devanagari',
      'Thai',
    ];
    for (const script of scripts) {
      expect(names.some((name) => new RegExp(`\\p{Script=${script}}`, 'u').test(name))).toBe(true);
    }
    for (const mark of ["'", ',', '"', '’', '-']) expect(names.some((name) => name.includes(mark))).toBe(true);
  });

  it('also write marks as characters of their own', async () => {
    const text = await readFile(at('m.csv'), 'utf8');
    expect(text.normalize('NFC')).not.toBe(text);
  });

  it('have phones of many countries, and tiers and consents in unequal parts', () => {
    const phones = registrations.flatMap(({ profile }) => profile.phone ?? []);
    expect(new Set(phones.map((phone) => phone.slice(0, 3))).size).toBeGreaterThan(15);
    const tiers = registrations.map(({ profile }) => profile.tier);
    const share = (tier: string) => tiers.filter((one) => one === tier).length / MEMBERS;
    expect(share('basic')).toBeGreaterThan(0.6);
    expect(share('platinum')).toBeLessThan(0.05);
    expect(new Set(registrations.map(({ profile }) => profile.marketingConsent))).toEqual(
      new Set([true, false, undefined]),
    );
  });
});

describe('lines broken on purpose', () => {
  it('are of every kind, stand between good ones, and are named in the expectation', async () => {
    const expectation = JSON.parse(await readFile(at('e.json'), 'utf8'));
    const kinds = new Set(expectation.bad.map(({ kind }: { kind: string }) => kind));
    expect([...kinds].sort()).toEqual(BROKEN_KINDS.map(({ kind }) => kind).sort());
    expect(expectation.blank.length).toBeGreaterThan(0);
    const lines = [
      ...expectation.good,
      ...expectation.blank,
      ...expectation.bad.map(({ line }: { line: number }) => line),
    ];
    expect(lines.sort((a, b) => a - b)).toEqual(Array.from({ length: lines.length }, (_, index) => index + 2));
  });
});
