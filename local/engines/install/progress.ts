/** Told in one sentence what happens now; the caller decides how to show it. */
export type OnProgress = (message: string) => void;

/** A reason not to go on that the user can do something about; its message says what. */
export class NotPossible extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotPossible';
  }
}
