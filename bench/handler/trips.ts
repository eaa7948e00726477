import { Socket } from 'node:net';
import { median } from '../statistics';

/** Round trips of one operation, by engine; the median of several. */
export type Trips = Readonly<Record<string, number>>;

/**
 * Counts how often a connection is written to that has been answered since it was last written to: so often did
 * somebody wait for that engine. Commands that travel together are one trip.
 */
export async function countTrips(
  ports: Readonly<Record<string, string>>,
  operations: number,
  operation: (index: number) => Promise<unknown>,
): Promise<Trips> {
  const counted: Record<string, number>[] = [];
  let counts: Record<string, number> = {};
  const waiting = new WeakSet<Socket>();
  const watched = new WeakSet<Socket>();
  // Our functions bring their own copies of their drivers, but all connections are sockets of Node.
  const written = Socket.prototype._write;
  const writtenTogether = Socket.prototype._writev;
  const note = (socket: Socket) => {
    const engine = ports[String(socket.remotePort)];
    if (engine === undefined) return;
    if (!watched.has(socket)) {
      watched.add(socket);
      socket.on('data', () => waiting.delete(socket));
    }
    if (waiting.has(socket)) return;
    waiting.add(socket);
    counts[engine] = (counts[engine] ?? 0) + 1;
  };
  Socket.prototype._write = function (...parameters) {
    note(this);
    return written.apply(this, parameters);
  };
  Socket.prototype._writev = function (...parameters) {
    note(this);
    return writtenTogether?.apply(this, parameters);
  };
  try {
    for (let index = 0; index < operations; index += 1) {
      counts = {};
      await operation(index);
      counted.push(counts);
    }
  } finally {
    Socket.prototype._write = written;
    if (writtenTogether !== undefined) Socket.prototype._writev = writtenTogether;
  }
  return medians(counted);
}

/** What is asked for in the background from time to time is no trip of the operation that it falls on. */
function medians(counted: readonly Readonly<Record<string, number>>[]): Trips {
  const engines = [...new Set(counted.flatMap((counts) => Object.keys(counts)))];
  const entries = engines.map((engine) => [engine, median(counted.map((counts) => counts[engine] ?? 0))] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
