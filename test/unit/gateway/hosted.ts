import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Log } from '../../../lambdas/core';
import { loadBundle } from '../../../local/gateway/hosted-bundle';
import type { InvocationContext } from '../../../local/gateway/invocation';
import { Invoker } from '../../../local/gateway/invoker';
import type { FunctionDefinition, TrafficClass } from '../../../topology';
import { temporaryDirectory } from '../../support/directory';

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log whose lines can be looked at. */
export function keptLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const keep =
    (level: LogLine['level']) =>
    (message: string, fields: object = {}) => {
      lines.push({ level, message, fields: { ...fields } });
    };
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') };
}

const directory = temporaryDirectory('bundle');
let written = 0;

/** A bundle on disk, of the given CommonJS source. */
export function writeBundle(source: string): string {
  written += 1;
  const file = join(directory, String(written), 'function.cjs');
  mkdirSync(dirname(file));
  writeFileSync(file, source);
  return file;
}

export function load(source: string, environment: Record<string, string> = {}) {
  return loadBundle({ name: 'test', bundle: writeBundle(source), environment });
}

export function apiFunction(
  trafficClass: TrafficClass,
  overrides: Partial<FunctionDefinition> = {},
): FunctionDefinition {
  return {
    name: `members-${trafficClass}`,
    handler: 'members',
    regions: ['A'],
    trigger: { kind: 'api', trafficClass },
    timeoutMs: 5000,
    reservedConcurrency: 4,
    ...overrides,
  };
}

export type Handler = (event: unknown, context: InvocationContext) => unknown;

export function invokerOf(definition: FunctionDefinition, handler: Handler): Invoker {
  return new Invoker(definition, { handler }, 'us-east-1');
}

/** A promise that is settled from outside. */
export function gate<T = void>(): { readonly opened: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open: (value) => open(value) };
}
