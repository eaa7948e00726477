import { isProblem, type Problem } from '../../../lambdas/core';

/** The Problem that a reading ended in; whatever else it throws fails the test. */
export function problemOf(read: () => unknown): Problem {
  try {
    read();
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
