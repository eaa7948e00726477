import type { Socket } from 'node:net';

/** What a stream asks of the link that it is part of. */
export interface Passage {
  isCut(): boolean;
  /** How much later what is sent arrives. */
  delayMs(): number;
}

interface Parcel {
  readonly dueMs: number;
  /** Undefined for the end of the stream. */
  readonly bytes: Buffer | undefined;
}

/**
 * One direction of a connection. While its link is cut nothing arrives, and nobody is told: what was sent waits, as a
 * sender's kernel would keep it and send it again.
 */
export class Stream {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #passage: Passage;
  readonly #parcels: Parcel[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, passage: Passage, rewritten: (bytes: Buffer) => Buffer = (bytes) => bytes) {
    this.#from = from;
    this.#to = to;
    this.#passage = passage;
    from.on('data', (bytes: Buffer) => this.#take(rewritten(bytes)));
    from.on('end', () => this.#take(undefined));
    to.on('drain', () => this.flow());
  }

  /** Delivers what is due, after the passage has changed too. */
  flow(): void {
    clearTimeout(this.#timer);
    if (this.#passage.isCut()) {
      this.#from.pause();
      return;
    }
    let isWritable = true;
    while (isWritable && this.#isDue()) isWritable = this.#deliver(this.#parcels.shift());
    const [next] = this.#parcels;
    if (isWritable) this.#from.resume();
    else this.#from.pause();
    if (isWritable && next !== undefined) {
      this.#timer = setTimeout(() => this.flow(), Math.max(0, next.dueMs - performance.now()));
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#parcels.length = 0;
  }

  #take(bytes: Buffer | undefined): void {
    this.#parcels.push({ dueMs: performance.now() + this.#passage.delayMs(), bytes });
    this.flow();
  }

  #isDue(): boolean {
    const [next] = this.#parcels;
    return next !== undefined && (this.#passage.delayMs() === 0 || next.dueMs <= performance.now());
  }

  /** @returns whether the receiver takes more now */
  #deliver(parcel: Parcel | undefined): boolean {
    if (parcel?.bytes !== undefined) return this.#to.write(parcel.bytes);
    this.#to.end();
    return true;
  }
}
