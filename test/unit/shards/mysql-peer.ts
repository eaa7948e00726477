import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import mysql from 'mysql2';

type Answer = 'ok' | 'nothing' | 'hang-up';

/** Speaks MySQL as no engine does on demand: answers late, not at all, or hangs up. */
export interface Peer {
  /** @param asked what is sent, and which query of all connections it is, from 1 */
  answers(asked: { sql: string; count: number }): Answer | { afterMs: number; finally?: Answer };
  readonly queries: string[];
}

interface PeerConnection {
  serverHandshake(options: object): void;
  on(event: 'query', listener: (sql: string) => void): void;
  on(event: 'error', listener: () => void): void;
  writeOk(): void;
  sequenceId: number;
}

export function speakMysql(socket: Socket, peer: Peer): void {
  const { createServer } = mysql as unknown as {
    createServer(listener: (connection: PeerConnection) => void): {
      _server: { emit(event: 'connection', socket: Socket): void };
    };
  };
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: '10.11.0',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 45,
      capabilityFlags: 0xffffff & ~0x800,
      authCallback: (_: unknown, callback: (error: null) => void) => {
        callback(null);
        // Each exchange counts its packets anew, which this side of the library leaves to its user.
        connection.sequenceId = 0;
      },
    });
    connection.on('query', (sql) => {
      peer.queries.push(sql);
      void answer(connection, socket, peer.answers({ sql, count: peer.queries.length }));
    });
  });
  server._server.emit('connection', socket);
}

async function answer(connection: PeerConnection, socket: Socket, told: ReturnType<Peer['answers']>): Promise<void> {
  if (typeof told === 'object') {
    await delay(told.afterMs);
    return answer(connection, socket, told.finally ?? 'ok');
  }
  if (told === 'hang-up') socket.destroy();
  if (told !== 'ok' || socket.destroyed) return;
  connection.sequenceId = 1;
  connection.writeOk();
  connection.sequenceId = 0;
}
