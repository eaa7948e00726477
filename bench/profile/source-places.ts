import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import type { Locate, SourcePlace } from './self-time';

const SOURCES = /(?:^|\/)((?:node_modules|lambdas|local|topology|bench)\/.+)$/;

/** Finds functions of bundles by the source maps that stand beside them. */
export function bundlePlaces(): Locate {
  const maps = new Map<string, SourceMap | undefined>();
  const known = new Map<string, SourcePlace | undefined>();
  return (frame) => {
    const url = frame.url.replace(/^file:\/\//, '');
    if (!url.endsWith('.cjs')) return undefined;
    if (!maps.has(url)) maps.set(url, readMap(`${url}.map`));
    const key = `${url}:${frame.lineNumber}:${frame.columnNumber}`;
    if (!known.has(key)) known.set(key, placeOf(maps.get(url), frame.lineNumber, frame.columnNumber));
    return known.get(key);
  };
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // A bundle without a map: its functions are named by their place in it.
    return undefined;
  }
}

function placeOf(map: SourceMap | undefined, line: number, column: number): SourcePlace | undefined {
  const entry = map?.findEntry(line, column);
  if (entry === undefined || !('originalSource' in entry)) return undefined;
  const file = SOURCES.exec(entry.originalSource)?.[1];
  return file === undefined ? undefined : { file, line: entry.originalLine + 1 };
}
