import { open } from 'node:fs/promises';

/** What is read of a log before it is followed: some minutes of what functions measure. */
const FIRST_BYTES = 4 * 1024 * 1024;
/** Read at a time; what is behind that is read next. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Reads the whole lines that were added to a log since it was last asked. */
export class LogTail {
  readonly #path: string;
  #offset: number | undefined;
  #half = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns no lines where there is no such log yet */
  async read(): Promise<readonly string[]> {
    const file = await open(this.#path, 'r').catch(() => undefined);
    if (file === undefined) return [];
    try {
      const { size } = await file.stat();
      const isFirst = this.#offset === undefined;
      // A log that is shorter than it was is another one.
      if (this.#offset !== undefined && size < this.#offset) this.#restart(0);
      const from = this.#offset ?? Math.max(0, size - FIRST_BYTES);
      const buffer = Buffer.alloc(Math.min(MOST_BYTES, size - from));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
      this.#offset = from + bytesRead;
      const lines = `${this.#half}${buffer.toString('utf8', 0, bytesRead)}`.split('\n');
      this.#half = lines.pop() ?? '';
      // Reading began within a line.
      return isFirst && from > 0 ? lines.slice(1) : lines;
    } finally {
      await file.close();
    }
  }

  #restart(offset: number): void {
    this.#offset = offset;
    this.#half = '';
  }
}
