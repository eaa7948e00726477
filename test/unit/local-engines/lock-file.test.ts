import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holderOf, tryLock, withLock } from '../../../local/engines/install/lock-file';

const directory = mkdtempSync(join(tmpdir(), 'twinkeep-lock-'));
const signal = new AbortController().signal;
let count = 0;
const lockPath = () => {
  count += 1;
  return join(directory, `${count}.lock`);
};

afterAll(() => rmSync(directory, { recursive: true }));

test('only one of many holds it at a time', async () => {
  const path = lockPath();
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, () =>
      withLock(path, { signal, onWait: () => undefined }, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside -= 1;
      }),
    ),
  );
  expect(most).toBe(1);
});

test('it is given back when what it guards fails', async () => {
  const path = lockPath();
  const failing = withLock(path, { signal, onWait: () => undefined }, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await tryLock(path)).toBe(true);
});

test('the lock of a process that is gone is taken over', async () => {
  const path = lockPath();
  writeFileSync(path, JSON.stringify({ pid: process.pid, startTime: '1' }));
  let waited = false;
  const onWait = () => {
    waited = true;
  };
  await expect(withLock(path, { signal, onWait }, async () => 'done')).resolves.toBe('done');
  expect(waited).toBe(false);
});

test('waiting says so once, and ends with the signal', async () => {
  const path = lockPath();
  expect(await tryLock(path)).toBe(true);
  expect((await holderOf(path))?.pid).toBe(process.pid);
  const abort = new AbortController();
  let told = 0;
  const waiting = withLock(path, { signal: abort.signal, onWait: () => (told += 1) }, async () => undefined);
  setTimeout(() => abort.abort(), 500);
  await expect(waiting).rejects.toThrow();
  expect(told).toBe(1);
});
