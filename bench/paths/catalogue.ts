import { accountLookup } from './account';
import { bind } from './bind';
import { cachedRead } from './cached-read';
import { patchBoth, patchOne } from './patch';
import { phoneLookup } from './phone';
import { register } from './register';
import type { RequestPath } from './request-path';
import { uncachedRead } from './uncached-read';

/** Reads first: writes change what is cached, and how large it is. */
export const REQUEST_PATHS: readonly RequestPath[] = [
  cachedRead,
  uncachedRead,
  accountLookup,
  phoneLookup,
  patchOne,
  patchBoth,
  bind,
  register,
];

export function requestPath(name: string): RequestPath {
  const found = REQUEST_PATHS.find((path) => path.name === name);
  if (found === undefined) throw new Error(`there is no path ${name}`);
  return found;
}
