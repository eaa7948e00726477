import { types } from 'node:util';

/**
 * Import for its effect. Jest runs tests in a realm of their own, where errors of Node's core are no `Error`s, and
 * clients that ask `instanceof Error` (as the AWS SDK does before it wraps what it does not know) hide what failed.
 * Outside of tests there is one realm only.
 */
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, candidate: unknown): boolean {
    if (this === Error && types.isNativeError(candidate)) return true;
    return Function.prototype[Symbol.hasInstance].call(this, candidate);
  },
});
