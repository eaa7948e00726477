import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isRunning } from '../../../local/engines/install/process-identity';
import type { Part } from '../../../local/system/part';
import { endLeftovers, ProcessRegistry } from '../../../local/system/process-registry';
import { RunningPart, revivalDelayMs } from '../../../local/system/running-part';

const directory = mkdtempSync(join(tmpdir(), 'twinkeep-part-'));
const registryFile = join(directory, 'processes.json');
const signal = new AbortController().signal;
const parts: RunningPart[] = [];

/** Writes a file when it is ready, starts a process of its own, and ignores SIGTERM where it is told to. */
const PROGRAM = `
  const [, ready, stubborn] = process.argv;
  if (stubborn === 'stubborn') process.on('SIGTERM', () => undefined);
  const child = require('node:child_process').spawn('sleep', ['1000']);
  require('node:fs').writeFileSync(ready, String(child.pid));
  setInterval(() => undefined, 1000);
`;

let count = 0;

function part(options: Partial<Part> & { stubborn?: boolean; program?: string } = {}): RunningPart {
  count += 1;
  const name = `part-${count}`;
  const ready = join(directory, `${name}.ready`);
  const { stubborn, program, ...rest } = options;
  const running = new RunningPart(
    {
      name,
      kind: 'functions',
      region: 'A',
      role: 'tasks',
      port: 1,
      ports: [],
      dataDirectory: join(directory, name),
      memoryMb: 1,
      revives: false,
      stopGraceMs: 300,
      readyTimeoutMs: 10_000,
      prepare: async () => rmSync(ready, { force: true }),
      launch: () => ({
        command: process.execPath,
        arguments: ['-e', program ?? PROGRAM, ready, stubborn === true ? 'stubborn' : ''],
      }),
      check: async () => {
        if (!existsSync(ready)) throw new Error('not yet');
      },
      configure: async () => undefined,
      ...rest,
    },
    { logDirectory: join(directory, 'logs'), registry: new ProcessRegistry(registryFile), onChange: () => undefined },
  );
  parts.push(running);
  return running;
}

function pidOf(running: RunningPart): number {
  if (running.pid === undefined) throw new Error('it does not run');
  return running.pid;
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it does not come about');
    await delay(20);
  }
}

afterEach(async () => {
  await Promise.all(parts.splice(0).map((running) => running.stop()));
});

afterAll(() => rmSync(directory, { recursive: true }));

test('what is lost is killed at once, and comes back when it is restarted, not by itself', async () => {
  const reviving = part({ revives: true });
  await reviving.start(signal);
  const pid = pidOf(reviving);
  reviving.lose();
  await until(() => reviving.pid === undefined);
  expect(identify(pid)).toBeUndefined();
  // Longer than it takes to be revived.
  await delay(2 * revivalDelayMs(1));
  expect(reviving).toMatchObject({ status: 'dead', pid: undefined });
  await reviving.restart(signal);
  expect(reviving.status).toBe('ready');
});

test('what is lost while it waits to be revived stays lost', async () => {
  const reviving = part({ revives: true });
  await reviving.start(signal);
  process.kill(pidOf(reviving), 'SIGKILL');
  await until(() => reviving.status === 'dead');
  reviving.lose();
  await delay(2 * revivalDelayMs(1));
  expect(reviving.pid).toBeUndefined();
});

test('stopping ends the process and what it started, also when it ignores the request', async () => {
  for (const stubborn of [false, true]) {
    const running = part({ stubborn });
    await running.start(signal);
    const pid = pidOf(running);
    const child = Number(readFileSync(join(directory, `${running.part.name}.ready`), 'utf8'));
    await running.stop();
    expect(running.status).toBe('stopped');
    expect(running.pid).toBeUndefined();
    await until(() => identify(pid) === undefined && identify(child) === undefined);
  }
});

test('an engine that is killed stays dead until it is started again', async () => {
  const running = part();
  await running.start(signal);
  process.kill(pidOf(running), 'SIGKILL');
  await until(() => running.status === 'dead');
  await delay(revivalDelayMs(0) * 3);
  expect(running.pid).toBeUndefined();
  await running.start(signal);
  expect(running.status).toBe('ready');
});

test('a process of functions that is killed comes back by itself, and not after it was stopped', async () => {
  const running = part({ revives: true });
  await running.start(signal);
  const pid = pidOf(running);
  process.kill(pid, 'SIGKILL');
  await until(() => running.status === 'ready' && running.pid !== pid);
  process.kill(pidOf(running), 'SIGKILL');
  await until(() => running.status === 'dead');
  await running.stop();
  await delay(revivalDelayMs(1) * 3);
  expect(running.status).toBe('stopped');
  expect(running.pid).toBeUndefined();
});

test('a start that is stopped ends with an error and leaves nothing behind', async () => {
  const running = part({ check: () => Promise.reject(new Error('never ready')) });
  const start = running.start(signal);
  const failure = expect(start).rejects.toThrow(/being stopped/);
  await until(() => running.pid !== undefined);
  const pid = pidOf(running);
  await running.stop();
  await failure;
  expect(identify(pid)).toBeUndefined();
});

test('a start that is stopped while it prepares never spawns, and the stop waits for what it prepares', async () => {
  const preparation: { end: () => void; isDone: boolean } = { end: () => undefined, isDone: false };
  const running = part({
    prepare: async () => {
      await new Promise<void>((resolve) => {
        preparation.end = resolve;
      });
      preparation.isDone = true;
    },
  });
  const failure = expect(running.start(signal)).rejects.toThrow(/being stopped/);
  const stopped = running.stop().then(() => preparation.isDone);
  await delay(50);
  preparation.end();
  expect(await stopped).toBe(true);
  await failure;
  expect(running.pid).toBeUndefined();
});

test('one that ends while it starts fails with the end of its log', async () => {
  const running = part({ program: 'console.error("no such luck"); process.exit(1)' });
  await expect(running.start(signal)).rejects.toThrow(/ended while it started.*no such luck/s);
  expect(running.status).toBe('dead');
});

test('it knows nothing of credentials in the shell that started the system', async () => {
  process.env.AWS_PROFILE = 'someone';
  try {
    const running = part({ program: `${PROGRAM}; console.log('profile', process.env.AWS_PROFILE)` });
    await running.start(signal);
    const log = join(directory, 'logs', `${running.part.name}.log`);
    await until(() => readFileSync(log, 'utf8').includes('profile'));
    expect(readFileSync(log, 'utf8')).toContain('profile undefined');
  } finally {
    delete process.env.AWS_PROFILE;
  }
});

test('waits between starts that fail grow, up to a bound', () => {
  expect([0, 1, 2, 20].map(revivalDelayMs)).toEqual([200, 400, 800, 10_000]);
});

test('a later start ends what a killed one left behind, and no other process with such a number', async () => {
  const running = part();
  await running.start(signal);
  const pid = pidOf(running);
  const identity = identify(pid);
  if (identity === undefined) throw new Error('it does not run');
  // The number of this very test, with the start of another process.
  const stranger = { pid: process.pid, startTime: '1' };
  const file = join(directory, 'left.json');
  writeFileSync(file, JSON.stringify([identity, stranger]));
  expect(isRunning(stranger)).toBe(false);
  expect(await endLeftovers(file)).toBe(1);
  expect(identify(pid)).toBeUndefined();
  expect(existsSync(file)).toBe(false);
});
