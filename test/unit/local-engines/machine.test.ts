import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askControl, controlPath, serveControl } from '../../../local/command/control';
import { availableGib } from '../../../local/command/memory';
import { assertOurs, empty, layOut } from '../../../local/system/directory';
import { assertFree, dangerOf, freePort, freePortBase, listenerOf } from '../../../local/system/free-ports';

const directory = mkdtempSync(join(tmpdir(), 'twinkeep-machine-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('a port that is taken is named, with the process that has it', async () => {
  const server = createServer();
  const port = await freePort();
  await assertFree([port]);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  try {
    expect(listenerOf(port)?.pid).toBe(process.pid);
    await expect(assertFree([port])).rejects.toThrow(`port ${port}, by process ${process.pid}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('free ports are none that a connection on its way out could take before their engine does', async () => {
  expect(dangerOf(await freePort())).toBeUndefined();
  for (let time = 0; time < 10; time += 1) expect(dangerOf(await freePortBase())).toBeUndefined();
});

test('available memory is read from what the kernel says', () => {
  expect(availableGib('MemTotal:       24683712 kB\nMemAvailable:   6291456 kB\n')).toBe(6);
  expect(availableGib('MemTotal:       24683712 kB\n')).toBeUndefined();
});

test("a directory that holds someone's things is not taken", () => {
  const theirs = join(directory, 'theirs');
  mkdirSync(theirs);
  assertOurs(layOut(theirs));
  writeFileSync(join(theirs, 'thesis.txt'), '');
  expect(() => assertOurs(layOut(theirs))).toThrow(/holds other things/);
  assertOurs(layOut(join(directory, 'not-there-yet')));
});

test('emptying forgets what runs left, and nothing else', async () => {
  const layout = layOut(join(directory, 'ours'));
  mkdirSync(layout.data, { recursive: true });
  mkdirSync(join(layout.directory, 'tools'));
  writeFileSync(layout.secrets, '{}');
  writeFileSync(join(layout.directory, 'notes.txt'), '');
  // A comparison that was interrupted would go on among members that it never saw.
  writeFileSync(join(layout.directory, 'reconcile-order.json'), '{}');
  await empty(layout);
  expect(readdirSync(layout.directory).sort()).toEqual(['notes.txt', 'tools']);
});

test('a running system answers over its socket; errors come back as reasons', async () => {
  const path = controlPath(directory);
  expect(await askControl(path, { command: 'status' })).toBeUndefined();
  const server = await serveControl(path, async (request) => {
    if (request.command === 'restart') throw new Error(`no engine ${request.engine}`);
    return { done: true };
  });
  try {
    expect(await askControl(path, { command: 'stop' })).toEqual({ done: true });
    expect(await askControl(path, { command: 'restart', engine: 'x' })).toEqual({ done: false, reason: 'no engine x' });
  } finally {
    server.close();
  }
});

test('a deep directory has its socket elsewhere, always at the same place', () => {
  const deep = `/${'deep/'.repeat(40)}`;
  expect(Buffer.byteLength(controlPath(deep))).toBeLessThan(108);
  expect(controlPath(deep)).toBe(controlPath(deep));
  expect(controlPath(deep)).not.toBe(controlPath(`${deep}er`));
});
