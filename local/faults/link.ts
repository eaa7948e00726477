import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { LinkPlan } from './plan';
import { Stream } from './stream';

/**
 * `cut`: nothing passes, and no side is told, as when a network loses packets; what was sent meanwhile arrives when it is
 * open again. `slow`: answers arrive so much later.
 */
export type LinkState =
  | { readonly kind: 'open' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'slow'; readonly delayMs: number };

const LOOPBACK = '127.0.0.1';

/** A TCP proxy that can be cut and slowed. */
export class Link {
  readonly plan: LinkPlan;
  state: LinkState = { kind: 'open' };
  readonly #server: Server;
  readonly #joints = new Set<Joint>();

  constructor(plan: LinkPlan) {
    this.plan = plan;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (caller) => {
      const joint: Joint = new Joint(caller, this, () => this.#joints.delete(joint));
      this.#joints.add(joint);
      joint.follow();
    });
  }

  /** @throws Error if the port is taken */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.plan.port, LOOPBACK, () => resolve());
    });
  }

  set(state: LinkState): void {
    this.state = state;
    for (const joint of [...this.#joints]) joint.follow();
  }

  close(): void {
    this.#server.close();
    for (const joint of [...this.#joints]) joint.end();
  }
}

/** A caller's connection and the one that was made to the engine for it. */
class Joint {
  readonly #caller: Socket;
  readonly #link: Link;
  readonly #onEnd: () => void;
  #callee: Socket | undefined;
  #streams: readonly Stream[] = [];
  #isBroken = false;

  constructor(caller: Socket, link: Link, onEnd: () => void) {
    this.#caller = caller;
    this.#link = link;
    this.#onEnd = onEnd;
    this.#watch(caller);
  }

  /** Does what the state of the link asks for now. */
  follow(): void {
    const isCut = this.#link.state.kind === 'cut';
    if (this.#isBroken && !isCut) {
      this.end();
      return;
    }
    if (this.#callee === undefined && !isCut) this.#connect();
    for (const stream of this.#streams) stream.flow();
  }

  end(): void {
    for (const stream of this.#streams) stream.close();
    // A reset, not an orderly end: that is what a process that died leaves behind.
    for (const socket of [this.#caller, this.#callee]) socket?.resetAndDestroy();
    this.#onEnd();
  }

  #connect(): void {
    const { plan } = this.#link;
    const callee = createConnection({ host: LOOPBACK, port: plan.targetPort, allowHalfOpen: true, noDelay: true });
    this.#callee = callee;
    this.#watch(callee);
    const isCut = () => this.#link.state.kind === 'cut';
    const answersLateMs = () => (this.#link.state.kind === 'slow' ? this.#link.state.delayMs : 0);
    this.#streams = [
      new Stream(this.#caller, callee, { isCut, delayMs: () => 0 }),
      new Stream(callee, this.#caller, { isCut, delayMs: answersLateMs }, nodeAddresses(plan)),
    ];
  }

  /** Over a link that is cut, not even that one side died is heard. */
  #watch(socket: Socket): void {
    socket.on('error', () => {
      this.#isBroken = true;
      if (this.#link.state.kind !== 'cut') this.end();
    });
    socket.on('close', () => {
      const isOver = this.#caller.destroyed && (this.#callee === undefined || this.#callee.destroyed);
      if (isOver) this.#onEnd();
    });
  }
}

/** A Redis names its own address to who asks for the nodes of its cluster: they would pass the link by. */
function nodeAddresses({ engine, port, targetPort }: LinkPlan): ((bytes: Buffer) => Buffer) | undefined {
  if (!engine.startsWith('redis-')) return undefined;
  const told = Buffer.from(`\r\n${LOOPBACK}\r\n:${targetPort}\r\n`);
  const meant = Buffer.from(`\r\n${LOOPBACK}\r\n:${port}\r\n`);
  return (bytes) => {
    const at = bytes.indexOf(told);
    return at < 0 ? bytes : Buffer.concat([bytes.subarray(0, at), meant, bytes.subarray(at + told.length)]);
  };
}
