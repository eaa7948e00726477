import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LinkReport, LinkState } from '../faults';
import type { ClusterStatus, KeptServer, PartReport } from '../system';

/** What a running system can be asked, over a socket in its directory. */
export type ControlRequest =
  | { readonly command: 'status' }
  | { readonly command: 'stop' }
  /** An engine, a process of functions, or a region. */
  | { readonly command: 'restart'; readonly engine: string }
  | { readonly command: 'lose'; readonly region: string }
  | { readonly command: 'restore'; readonly engine: string }
  | { readonly command: 'links' }
  /** All links where none are named. */
  | { readonly command: 'set-links'; readonly links: readonly string[]; readonly state: LinkState };

export interface StatusReport {
  readonly phase: 'starting' | 'running' | 'stopping';
  readonly pid: number;
  readonly directory: string;
  readonly engines: readonly PartReport[];
  readonly databases: ClusterStatus;
}

export type ControlAnswer =
  | {
      readonly done: true;
      readonly status?: StatusReport;
      readonly links?: readonly LinkReport[];
      readonly kept?: KeptServer;
    }
  | { readonly done: false; readonly reason: string };

const CONNECT_TIMEOUT_MS = 3000;
/** A socket's address holds no more. */
const LONGEST_PATH = 100;

/** Where the socket of a directory is: in it, unless that makes its path too long for a socket. */
export function controlPath(directory: string): string {
  const inside = join(directory, 'control.sock');
  if (Buffer.byteLength(inside) <= LONGEST_PATH) return inside;
  return join(tmpdir(), `twinkeep-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}.sock`);
}

async function answerLine(line: string, handle: (request: ControlRequest) => Promise<ControlAnswer>): Promise<string> {
  try {
    return JSON.stringify(await handle(JSON.parse(line) as ControlRequest));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return JSON.stringify({ done: false, reason } satisfies ControlAnswer);
  }
}

/** Answers requests until the server is closed. One line is asked, one is answered. */
export async function serveControl(
  path: string,
  handle: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket }).once('line', (line) => {
      void answerLine(line, handle).then((answer) => socket.end(`${answer}\n`));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  chmodSync(path, 0o600);
  return server;
}

/** Asks the system that runs from a directory; undefined when none does. */
export function askControl(path: string, request: ControlRequest): Promise<ControlAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy());
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.write(`${JSON.stringify(request)}\n`);
    });
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.once('close', () => {
      try {
        resolve(answer === '' ? undefined : (JSON.parse(answer) as ControlAnswer));
      } catch (error) {
        reject(error);
      }
    });
  });
}
