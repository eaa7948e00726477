import type { ParseArgsConfig } from 'node:util';

/** What a command writes to, and what it is told about its surroundings. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether a person reads what is written to `out`. */
  readonly isTerminal?: boolean;
  /** Of the terminal; undefined where `out` is none. */
  readonly size?: () => { readonly columns: number; readonly rows: number } | undefined;
  /** @returns what ends it */
  readonly onResize?: (act: () => void) => () => void;
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

export interface Command {
  /** Words by which it is called: `dead-letters redrive`. */
  readonly name: string;
  /** What follows the name: `<queue> [--limit N]`. */
  readonly synopsis: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The rest of `--help`: arguments, options, exit codes. */
  readonly help: string;
  /** Besides `--help` and `--json`, which every command has. */
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** @returns the exit code */
  run(call: { values: Values; positionals: readonly string[]; terminal: Terminal }): Promise<number>;
}

/** The text of an option, if it was given one. */
export function textOption(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** Aligned columns; the first row is their heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
    [],
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
