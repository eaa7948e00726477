import { type FieldError, Problem } from '../../../lambdas/core';

/** What a reading refused, by path; fails unless it refused with INVALID_REQUEST and said why. */
export function refusalOf(read: () => unknown): Record<string, string> {
  const errors = errorsOf(read);
  return Object.fromEntries(errors.map(({ path, message }) => [path, message]));
}

export function errorsOf(read: () => unknown): readonly FieldError[] {
  try {
    read();
  } catch (error) {
    if (error instanceof Problem && error.code === 'INVALID_REQUEST' && error.details.errors?.length) {
      return error.details.errors;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}
