import { invalidConfig } from '../core';

/** A regional store of AWS, and until when it is waited for. */
export interface Store {
  readonly region: string;
  readonly signal: AbortSignal;
}

/** @throws Error that says what could not be read, and why; neither names nor messages of these stores tell values */
export async function reading<T>(what: string, read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new Error(`${what} could not be read: ${name}: ${message}`, { cause });
  }
}

/** @throws Error naming the text, which is not JSON */
export function parseNamed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidConfig([`${name}: is not JSON`]);
  }
}
