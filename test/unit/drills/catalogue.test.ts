import { readdirSync } from 'node:fs';
import { planPorts } from '../../../local/engines/ports';
import { planLinks } from '../../../local/faults';
import { selectLinks } from '../../../local/faults/select';
import { DRILLS } from '../../drills/catalogue';
import type { Drill } from '../../drills/drill';
import { readOptions, usage } from '../../drills/options';
import { commandsUnder, RUNBOOKS, readRunbook } from '../../drills/runbook';

const links = planLinks(planPorts(9000, 'links'));

function commandsOf({ steps, runbook }: Drill): string[] {
  return steps.flatMap(({ act }) => (act.kind === 'runbook' ? commandsUnder(readRunbook(runbook), act.heading) : []));
}

test.each(DRILLS)('$name takes away what is there, and gives all of it back', (drill) => {
  const commands = commandsOf(drill).join('\n');
  const ended = new Set(
    drill.steps.flatMap(({ act }) => (act.kind === 'thaw' || act.kind === 'restart' ? [act.engine] : [])),
  );
  let cut: string[] = [];
  for (const { act } of drill.steps) {
    if (act.kind === 'kill') expect(commands + [...ended].join()).toContain(act.engine);
    if (act.kind === 'freeze') expect(ended).toContain(act.engine);
    if (act.kind === 'cut' || act.kind === 'slow') cut.push(...selectLinks(links, act.ways).map(({ name }) => name));
    if (act.kind === 'heal') {
      const healed = selectLinks(links, act.ways).map(({ name }) => name);
      cut = cut.filter((name) => !healed.includes(name));
    }
  }
  for (const [, ways = ''] of commands.matchAll(/npm run local -- heal (.+)/g)) {
    const healed = selectLinks(links, ways.split(' ')).map(({ name }) => name);
    cut = cut.filter((name) => !healed.includes(name));
  }
  expect(cut).toEqual([]);
  expect(drill.steps[0]?.afterS).toBe(0);
});

test('names stand for one drill each, and the help tells all of them', () => {
  expect(new Set(DRILLS.map(({ name }) => name)).size).toBe(DRILLS.length);
  for (const { name, shows } of DRILLS) expect(usage()).toMatch(new RegExp(`^  ${name} +${shows.slice(0, 40)}`, 'm'));
});

test('every runbook is carried out by a drill, and listed', () => {
  const files = readdirSync(RUNBOOKS).filter((name) => name !== 'README.md');
  expect(files.sort()).toEqual([...new Set(DRILLS.map(({ runbook }) => runbook))].sort());
  const list = readRunbook('README.md');
  for (const { name, runbook } of DRILLS) {
    expect(list).toMatch(new RegExp(`\\(${runbook.replace('.', '\\.')}\\).*\\b${name}\\b`));
  }
});

test('commands of a runbook are the lines of its blocks of sh', () => {
  const text =
    '# Title\n\n## Do\n\n```sh\n# why\nfirst \\\n  more\nsecond\n```\n\n```console\naws x\n```\n\n## Look\n\n```sh\nthird\n```\n\n## Leave\n\nit alone\n';
  expect(commandsUnder(text, 'Do')).toEqual(['first    more', 'second']);
  expect(commandsUnder(text, 'Look')).toEqual(['third']);
  expect(() => commandsUnder(text, 'Leave')).toThrow(/nothing to run/);
  expect(() => commandsUnder(text, 'Undo')).toThrow(/no heading/);
});

test('drills are chosen by name, all of them without', () => {
  const chosen = readOptions(['flapping', 'lose-cache', '--seed', '7', '--json']);
  expect(chosen).toMatchObject({ seed: 7, json: true });
  expect(chosen !== 'help' && chosen.drills.map(({ name }) => name)).toEqual(['flapping', 'lose-cache']);
  const all = readOptions([]);
  expect(all !== 'help' && all.drills).toEqual(DRILLS);
  expect(() => readOptions(['flap'])).toThrow(/no drill flap/);
});
