import { commands } from '../../../cli/commands';
import { run } from '../../../cli/run';
import { encodeMemberId } from '../../../lambdas/shards';

async function call(...words: string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const code = await run(commands, words, {
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

describe('the command line', () => {
  it.each(commands.map(({ name }) => name))('%s has help', async (name) => {
    const { code, out } = await call(...name.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^twinkeep ${name} `));
    expect(out).toMatch(/--json/);
  });

  it('lists every command', async () => {
    const { code, out } = await call('--help');
    expect(code).toBe(0);
    for (const { name } of commands) expect(out).toContain(`twinkeep ${name} `);
  });

  it('says what there is where it does not understand', async () => {
    const unknown = await call('frobnicate', 'x');
    expect(unknown).toMatchObject({ code: 2, out: '' });
    expect(unknown.error).toMatch(/no command "frobnicate x"[\s\S]*twinkeep import/);
    const half = await call('dead-letters');
    expect(half.error).toMatch(/dead-letters redrive/);
    expect(half.error).not.toMatch(/twinkeep import/);
    expect(await call('id', '1', '--frobnicate')).toMatchObject({
      code: 2,
      error: expect.stringMatching(/frobnicate/),
    });
  });

  it('shows what a member id says', async () => {
    const drawnAtMs = Date.UTC(2025, 5, 1, 12);
    const memberId = encodeMemberId({ placement: 3000, drawnAtMs, region: 'B', layout: 0, random: 7 });
    const { code, out } = await call('id', memberId, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      memberId,
      placement: 3000,
      drawnAt: '2025-06-01T12:00:00.000Z',
      region: 'B',
      unit: 'b1',
      cluster: 'b1',
      schema: 'members_1',
      layout: 0,
      random: 7,
    });
    expect((await call('id', memberId)).out).toMatch(/^placement +3000$/m);
    expect(await call('id', '9223372036854775808')).toMatchObject({ code: 2, error: expect.stringMatching(/63 bits/) });
    expect(await call('id')).toMatchObject({ code: 2 });
  });

  it('names the queues that there are, and the system that is missing', async () => {
    expect(await call('dead-letters', 'list', '--directory', '/nowhere')).toMatchObject({
      code: 2,
      error: expect.stringMatching(/npm run local/),
    });
  });
});
