import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { MariadbAccounts } from '../engines/mariadb';

export interface CloneOptions {
  readonly dump: string;
  readonly load: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly schemas: readonly string[];
  readonly accounts: MariadbAccounts;
  readonly signal: AbortSignal;
}

const LAST_BYTES = 2000;

/**
 * Copies what a running server holds into an empty one, which then knows up to where it may follow the first. Nothing of it
 * stands in the binary log of the copy: its transactions are not of its own making.
 * @throws Error with what the programs said
 */
export async function clone(options: CloneOptions): Promise<void> {
  const { accounts, signal, fromPort, toPort, schemas } = options;
  const connection = (port: number) => [
    '--no-defaults',
    '--protocol=tcp',
    '--host=127.0.0.1',
    `--port=${port}`,
    '--user=root',
  ];
  const settings = { signal, env: { PATH: process.env.PATH ?? '', MYSQL_PWD: accounts.rootPassword } };
  const dump = spawn(
    options.dump,
    [
      ...connection(fromPort),
      '--single-transaction',
      '--quick',
      // The position that belongs to what is read, without stopping writes for it.
      '--master-data=1',
      '--gtid',
      '--databases',
      ...schemas,
    ],
    { ...settings, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const load = spawn(options.load, [...connection(toPort), '--init-command=SET SESSION sql_log_bin = 0'], {
    ...settings,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  for (const stream of [dump.stderr, load.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-LAST_BYTES);
    });
  }
  // An incomplete dump must not look like a whole one to the program that loads it.
  const [, dumped, loaded] = await Promise.allSettled([
    pipeline(dump.stdout, load.stdin),
    once(dump, 'close'),
    once(load, 'close'),
  ]);
  const codes = [dumped, loaded].map((end) => (end.status === 'fulfilled' ? end.value[0] : String(end.reason)));
  if (codes.some((code) => code !== 0)) throw new Error(`cloning ended with ${codes.join(' and ')}: ${said}`);
}
