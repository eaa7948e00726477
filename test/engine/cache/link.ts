import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A network path to a port of this machine, which can fall silent without closing anything. */
export class Link {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #passing = new Set<Socket>();
  #isSilent = false;

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      const far = connect(targetPort, '127.0.0.1');
      if (!this.#isSilent) this.#passing.add(near).add(far);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', (data) => this.#passing.has(from) && to.write(data));
        from.on('close', () => this.#passing.has(from) && to.destroy());
        from.on('error', () => undefined);
      }
    });
  }

  static async to(targetPort: number): Promise<Link> {
    const link = new Link(targetPort);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the link is closed');
    return address.port;
  }

  /** Nothing passes any more, on what is open and on what is opened. */
  silence(): void {
    this.#isSilent = true;
    this.#passing = new Set();
  }

  takeNewConnections(): void {
    this.#isSilent = false;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
