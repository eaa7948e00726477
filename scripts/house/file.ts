/** A file of the repository, by its path from the root with forward slashes. */
export interface HouseFile {
  readonly path: string;
  readonly text: string;
}

/** A rule that is broken, and where. */
export interface Violation {
  readonly path: string;
  /** From 1; absent where the whole file is meant. */
  readonly line?: number;
  readonly message: string;
}

export type Check = (files: readonly HouseFile[]) => Violation[];

export function isCode({ path }: HouseFile): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

export function isTypeScript({ path }: HouseFile): boolean {
  return path.endsWith('.ts');
}

export function isIn(folder: string): (file: HouseFile) => boolean {
  return ({ path }) => path.startsWith(`${folder}/`);
}

export function describe({ path, line, message }: Violation): string {
  return `${line === undefined ? path : `${path}:${line}`}  ${message}`;
}
