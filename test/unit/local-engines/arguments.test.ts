import { DEFAULT_MEMBERS, HELP, readArguments, WrongUsage } from '../../../local/command/arguments';

const read = (line: string) => readArguments(line === '' ? [] : line.split(' '), '/repository');

test('without words it starts in the repository, on the documented ports, with members', () => {
  expect(read('')).toEqual({
    command: 'start',
    directory: '/repository/.local',
    fresh: false,
    faults: false,
    links: [],
    delayMs: 300,
    seed: true,
    members: DEFAULT_MEMBERS,
    automatic: true,
    json: false,
    help: false,
  });
});

test('options of the start are read', () => {
  expect(read('--fresh --port-base 9000 --directory /elsewhere --no-seed --by-hand --members 12')).toMatchObject({
    command: 'start',
    fresh: true,
    portBase: 9000,
    directory: '/elsewhere',
    seed: false,
    members: 12,
    automatic: false,
  });
});

test('restart takes an engine or a region, lose a region', () => {
  expect(read('restart a1-A')).toMatchObject({ command: 'restart', engine: 'a1-A' });
  expect(read('lose A')).toMatchObject({ command: 'lose', engine: 'A' });
  expect(() => read('lose')).toThrow(/name of a region/);
  expect(() => read('restart')).toThrow(/name of an engine/);
});

test('ways of the network are cut, slowed and healed', () => {
  expect(read('cut regions order')).toMatchObject({ command: 'cut', links: ['regions', 'order'] });
  expect(read('slow A-to-order --delay-ms 900')).toMatchObject({ links: ['A-to-order'], delayMs: 900 });
  expect(read('heal')).toMatchObject({ command: 'heal', links: [] });
});

test.each([
  ['--port 5', /Unknown option '--port'.*--port-base/s],
  ['--port-base 80', /from 1024 to/],
  ['--port-base 65535', /from 1024 to/],
  ['--port-base x', /whole number/],
  ['--members -1', /--members/],
  ['--members 1e9', /whole number/],
  ['--members', /--members/],
  ['launch', /no command "launch".*start, stop, status, restart, lose, restore, links, cut, slow, heal/],
  ['cut', /cut takes what to cut/],
  ['links regions', /links takes no "regions"/],
  ['slow order --delay-ms 0', /from 1 to/],
  ['stop now', /stop takes no "now"/],
  ['restart a1-A b1-B', /restart takes no "b1-B"/],
])('%s is refused, and what exists is said', (line, message) => {
  expect(() => read(line)).toThrow(WrongUsage);
  expect(() => read(line)).toThrow(message);
});

test('the help names every option', () => {
  for (const option of ['--fresh', '--members', '--no-seed', '--port-base', '--directory', '--json', '--help']) {
    expect(HELP).toContain(option);
  }
});
