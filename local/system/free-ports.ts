import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { NotPossible } from '../engines';
import { PORTS_TAKEN } from '../engines/ports';

const LISTENING = '0A';

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Where free ports are looked for: below those that the kernel gives to connections on their way out, any of which could
 * take a port between the look at it and the start of its engine.
 */
const WHOLE_SYSTEMS = { first: 10_000, end: 20_000 } as const;
const SINGLE_PORTS = { first: 20_000, end: 30_000 } as const;

let nextSinglePort: number | undefined;

/** A port that nobody listens on at this moment, and that this process has not been given before. */
export async function freePort(): Promise<number> {
  const { first, end } = SINGLE_PORTS;
  for (let tried = first; tried < end; tried += 1) {
    const port = nextSinglePort ?? randomInt(first, end);
    nextSinglePort = port + 1 < end ? port + 1 : first;
    if (await isFree(port)) return port;
  }
  throw new NotPossible(`No port is free from ${first} to ${end}.`);
}

/** What is to be known of ports from this base on that nobody has taken yet; undefined where they stay free. */
export function dangerOf(portBase: number): string | undefined {
  let range = '';
  try {
    range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  } catch {
    // Not Linux; nobody says which ports connections get.
  }
  const [first = Number.POSITIVE_INFINITY, last = 0] = range.split(/\s+/).filter(Boolean).map(Number);
  if (portBase + PORTS_TAKEN < first || portBase > last) return undefined;
  return (
    `Careful: connections on their way out get ports from ${first} to ${last} here, and may take one of ours before its ` +
    `engine does. A --port-base below ${first - PORTS_TAKEN} is safe.`
  );
}

const PORTS_APART = 100;

/**
 * A base from which a whole system finds its ports free at this moment, and where they stay free if this machine has such.
 * Any of them, not the first: systems that start at the same time would all take that.
 * @throws NotPossible
 */
export async function freePortBase(): Promise<number> {
  const { first, end } = WHOLE_SYSTEMS;
  const count = (end - first) / PORTS_APART;
  const start = randomInt(count);
  const bases = Array.from({ length: count }, (_, tried) => first + ((start + tried) % count) * PORTS_APART);
  const safe = bases.filter((base) => dangerOf(base) === undefined);
  for (const base of safe.length > 0 ? safe : bases) {
    const free = await Promise.all(Array.from({ length: PORTS_TAKEN }, (_, offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new NotPossible(`No ${PORTS_TAKEN} ports in a row are free from ${first} to ${end}.`);
}

/** Socket inodes that listen on a port, from the kernel's tables. */
function listeningInodes(port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => {
    let text = '';
    try {
      text = readFileSync(table, 'utf8');
    } catch {
      return [];
    }
    return text
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === LISTENING)
      .flatMap((fields) => fields[9] ?? []);
  });
}

function holds(pid: string, links: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => links.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    // Ended meanwhile, or of another user.
    return false;
  }
}

/** The process that listens on a port, as far as this user may know. */
export function listenerOf(port: number): { readonly pid: number; readonly command: string } | undefined {
  const links = new Set(listeningInodes(port).map((inode) => `socket:[${inode}]`));
  if (links.size === 0) return undefined;
  const pid = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && holds(entry, links));
  if (pid === undefined) return undefined;
  const command = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  return { pid: Number(pid), command };
}

/** @throws NotPossible that names every port that is taken, and by whom where that can be known */
export async function assertFree(ports: readonly number[]): Promise<void> {
  const free = await Promise.all(ports.map(isFree));
  const taken = ports.filter((_, index) => !free[index]);
  if (taken.length === 0) return;
  const lines = taken.map((port) => {
    const listener = listenerOf(port);
    return `  port ${port}${listener === undefined ? '' : `, by process ${listener.pid} (${listener.command})`}`;
  });
  throw new NotPossible(
    `Already taken on 127.0.0.1:\n${lines.join('\n')}\nEnd those, or start with other ports: --port-base N`,
  );
}
