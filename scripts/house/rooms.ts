import type { HouseFile } from './file';

/** Rooms of `lambdas/`, each with those that it may import. */
export type Rooms = ReadonlyMap<string, ReadonlySet<string>>;

export const ARCHITECTURE = 'docs/architecture.md';

const ROW = /^\| `([\w-]+)` \|.*\| ([^|]+) \|$/gm;

/**
 * Reads the table of rooms in the architecture. What a room may import is said in words: `-`, names, `those before`
 * (with `not` and names), `all before` or `every room`.
 *
 * @throws Error if the table is missing or says something else
 */
export function readRooms(files: readonly HouseFile[]): Rooms {
  const text = files.find(({ path }) => path === ARCHITECTURE)?.text ?? '';
  const rows = [...text.matchAll(ROW)].map(([, room = '', may = '']) => ({ room, may: may.trim() }));
  if (rows.length === 0) throw new Error(`${ARCHITECTURE} has no table of rooms`);
  const names = rows.map(({ room }) => room);
  return new Map(rows.map(({ room, may }, index) => [room, new Set(readMay(may, names.slice(0, index), names))]));
}

function readMay(may: string, before: readonly string[], all: readonly string[]): readonly string[] {
  if (may === '-') return [];
  if (may === 'every room') return all;
  if (may === 'all before' || may === 'those before') return before;
  const named = [...may.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name);
  const words = may
    .replaceAll(/`[\w-]+`/g, '')
    .replaceAll(/[\s,]+/g, ' ')
    .trim();
  if (words === 'those before not') return before.filter((name) => !named.includes(name));
  if (words === '' && named.every((name) => all.includes(name))) return named;
  throw new Error(`${ARCHITECTURE} says that a room may import "${may}", which the check does not understand`);
}
