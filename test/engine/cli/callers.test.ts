import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '../../../cli/commands';
import { run } from '../../../cli/run';
import { hashSecret } from '../../../lambdas/traffic';
import { type ArbiterTables, startArbiterTables } from '../arbiter/tables';

let tables: ArbiterTables;
let directory = '';
const environment = { ...process.env };

beforeAll(async () => {
  tables = await startArbiterTables();
  directory = await mkdtemp(join(tmpdir(), 'twinkeep-callers-'));
  process.env.AWS_ENDPOINT_URL_DYNAMODB = tables.endpoint;
  // Nobody listens there: a change has to stand although nobody could be told of it.
  process.env.AWS_ENDPOINT_URL_SQS = 'http://127.0.0.1:9';
});
afterAll(async () => {
  await tables.stop();
  process.env = environment;
  await rm(directory, { recursive: true });
});

/** A stage is reached as one in AWS is, by what the SDK finds in the environment. */
async function call(...words: string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const code = await run(commands, ['callers', ...words, '--stage', tables.stage], {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    environment: {},
  });
  return { code, out, error };
}

async function asked(...words: string[]) {
  const { code, out, error } = await call(...words, '--json');
  if (code !== 0) throw new Error(error);
  return JSON.parse(out);
}

const entered = (id: string, ...more: string[]) =>
  asked('create', '--id', id, '--owner', 'Shop team', '--classes', 'order,other', ...more);

const secretOf = ({ id, apiKey }: { id: string; apiKey: string }) => apiKey.slice(id.length + 1);

test('a caller is created with a key that only its holder knows', async () => {
  const made = await entered('shop');
  expect(Object.keys(made)).toEqual(['id', 'apiKey']);
  expect(made.apiKey).toMatch(/^shop\.[\w-]{43}$/);
  const kept = await tables.arbiter().callers.find('shop', 'strong');
  expect(kept).toMatchObject({ owner: 'Shop team', classes: ['order', 'other'], status: 'active', rules: [] });
  expect(kept?.keys.map(({ hash }) => hash)).toEqual([hashSecret(secretOf(made))]);
  expect(JSON.stringify(kept)).not.toContain(secretOf(made));
  for (const words of [['show', 'shop'], ['list'], ['rules', 'shop']]) {
    for (const text of [(await call(...words)).out, (await call(...words, '--json')).out]) {
      expect(text).not.toContain(secretOf(made));
      expect(text).not.toContain(hashSecret(secretOf(made)));
    }
  }
});

test('a caller that there is stays as it is', async () => {
  await entered('twice');
  const { code, error } = await call('create', '--id', 'twice', '--owner', 'Other', '--classes', 'other');
  expect([code, error]).toEqual([1, expect.stringContaining('There is a caller twice already')]);
  expect(await asked('show', 'twice')).toMatchObject({ owner: 'Shop team', revision: 1 });
});

test('a key is rotated, told until when the former one lives, and retired', async () => {
  await entered('turning');
  const rotated = await asked('rotate', 'turning', '--overlap', '1h', '--by', 'ada', '--reason', 'Yearly.');
  expect(rotated.keys).toHaveLength(2);
  const inMs = Date.parse(rotated.keys[0].expiresAt) - Date.now();
  expect(Math.abs(inMs - 3_600_000)).toBeLessThan(60_000);
  const third = await call('rotate', 'turning');
  expect([third.code, third.error]).toEqual([1, expect.stringContaining('Retire the older one first')]);
  const retired = await asked('rotate', 'turning', '--retire');
  expect(retired.keys.map(({ key }: { key: string }) => key)).toEqual([hashSecret(secretOf(rotated)).slice(0, 8)]);
  expect((await call('rotate', 'turning', '--retire')).code).toBe(1);
});

test('of a key that has leaked nothing goes on', async () => {
  const { apiKey } = await entered('leaked');
  const { keys } = await asked('rotate', 'leaked', '--overlap', '0');
  expect(keys).toHaveLength(1);
  expect(keys[0].key).not.toBe(hashSecret(secretOf({ id: 'leaked', apiKey })).slice(0, 8));
});

test('a key made to expire says when', async () => {
  const made = await entered('guest', '--expires', '30d');
  expect(Date.parse(made.expiresAt)).toBeGreaterThan(Date.now() + 29 * 86_400_000);
  expect(await asked('show', 'guest')).toMatchObject({ keys: [{ expiresAt: made.expiresAt, isLive: true }] });
});

test('a caller is suspended and resumed, by whom and why, though nobody could be told at once', async () => {
  await entered('idle');
  const { code, error, out } = await call('suspend', 'idle', '--by', 'ada', '--reason', 'It storms.');
  expect([code, out]).toEqual([0, 'Caller idle is suspended.\n']);
  expect(error).toMatch(/^It is registered; functions could not be told, and learn of it by themselves/);
  expect(await asked('show', 'idle')).toMatchObject({
    status: 'suspended',
    changed: { by: 'ada', reason: 'It storms.' },
  });
  expect(await asked('suspend', 'idle')).toMatchObject({ isChanged: false, revision: 2 });
  expect(await asked('resume', 'idle')).toMatchObject({ isChanged: true, status: 'active', revision: 3 });
});

test('who answers for it, and what it may use, is changed in one step', async () => {
  await entered('moved');
  const changed = await asked('change', 'moved', '--owner', 'Other team', '--classes', 'marketing');
  expect(changed).toMatchObject({ owner: 'Other team', classes: ['marketing'], revision: 2 });
});

const RULE = { id: 'r1', match: { operation: 'getMember' }, algorithm: 'token-bucket', ratePerS: 20, mode: 'on' };

test('rules of a caller are checked, tried out, set from a file and taken away', async () => {
  await entered('ruled');
  const file = join(directory, 'rules.json');
  await writeFile(file, JSON.stringify([RULE]));
  expect(await asked('rules', 'ruled', '--set', `@${file}`, '--dry-run')).toEqual({ rules: [RULE] });
  expect(await asked('rules', 'ruled')).toEqual([]);
  expect(await asked('rules', 'ruled', '--set', `@${file}`)).toEqual([RULE]);
  for (const wrong of ['[{"id":"r1"}]', '{', JSON.stringify([{ ...RULE, ratePerS: -1 }]), `@${directory}/none`]) {
    expect((await call('rules', 'ruled', '--set', wrong)).code).toBe(2);
  }
  const foreign = await call('rules', 'ruled', '--set', JSON.stringify([{ ...RULE, match: { caller: 'shop' } }]));
  expect([foreign.code, foreign.error]).toEqual([2, expect.stringContaining('These rules are refused')]);
  expect(await asked('rules', 'ruled')).toEqual([RULE]);
  expect(await asked('rules', 'ruled', '--clear')).toEqual([]);
});

test('all callers are listed, by name', async () => {
  await entered('a-first');
  const listed = (await asked('list')).map(({ id }: { id: string }) => id);
  expect(listed).toEqual([...listed].sort());
  expect(listed).toContain('a-first');
});

test('an audit tells what is to be done about callers, and knows no calls where no cache tells them', async () => {
  await entered('bare');
  const bare = (await asked('audit')).find(({ id }: { id: string }) => id === 'bare');
  expect(bare).toMatchObject({ findings: [{ kind: 'no-rule' }], usage: { calls: 0 }, limits: [] });
  expect(bare.usage.knownSince).toBeUndefined();
  expect((await call('audit')).out).toMatch(/^bare of Shop team, active: its calls are not known here\n {2}no-rule: /m);
});

test.each([
  [['show', 'nobody'], 1, 'There is no caller nobody'],
  [['suspend', 'nobody'], 1, 'There is no caller nobody'],
  [['rotate', 'nobody'], 1, 'There is no caller nobody'],
  [['show'], 2, 'Name one caller'],
  [['show', 'a.b'], 2, 'Name one caller'],
  [['create', '--id', 'x', '--classes', 'order'], 2, 'Say with --owner'],
  [['create', '--id', 'x', '--owner', 'o', '--classes', 'orders'], 2, 'Say with --classes'],
  [['create', '--id', 'x', '--owner', 'o', '--classes', ''], 2, 'Say with --classes'],
  [['create', '--id', 'x', '--owner', 'o', '--classes', 'order', '--expires', '0'], 2, '--expires must be later'],
  [['rotate', 'x', '--overlap', 'soon'], 2, '--overlap must be a time like'],
  [['rotate', 'x', '--retire', '--overlap', '1d'], 2, '--retire makes no key'],
  [['change', 'x'], 2, 'Say what to change'],
])('%j ends with %i and says why', async (words, code, message) => {
  const answer = await call(...words);
  expect([answer.code, answer.error]).toEqual([code, expect.stringContaining(message)]);
});

test('every command about callers tells of itself', async () => {
  for (const { name } of commands.filter((command) => command.name.startsWith('callers '))) {
    const { code, out } = await call(...name.split(' ').slice(1), '--help');
    expect([code, out]).toEqual([0, expect.stringContaining('Exit codes: 0')]);
  }
});
