import { posix } from 'node:path';
import { parseSync } from '@swc/core';
import type { HouseFile } from './file';

/** A node of the syntax tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly span?: { readonly start: number };
  readonly [field: string]: unknown;
}

export interface Visited {
  readonly node: SyntaxNode;
  /** From 1. */
  readonly line: number;
}

/**
 * Every node of a TypeScript file, parents before their children.
 *
 * @throws Error if the file is no TypeScript
 */
export function nodesOf(file: HouseFile): Visited[] {
  const bytes = Buffer.from(file.text);
  const root = parse(file);
  const visited: Visited[] = [];
  const visit = (value: unknown, line: number): void => {
    if (typeof value !== 'object' || value === null) return;
    const node = value as SyntaxNode;
    // Spans count bytes from 1; a node without one stands where its parent does.
    const ownLine = node.span === undefined ? line : lineAt(bytes, node.span.start - 1);
    if (typeof node.type === 'string') visited.push({ node, line: ownLine });
    for (const child of Object.values(value)) visit(child, ownLine);
  };
  visit(root.body, 1);
  return visited;
}

function parse({ text, path }: HouseFile) {
  try {
    return parseSync(text, { syntax: 'typescript', tsx: path.endsWith('x'), target: 'es2022' });
  } catch (cause) {
    throw new Error(`${path} is no TypeScript`, { cause });
  }
}

function lineAt(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(10); at !== -1 && at < offset; at = bytes.indexOf(10, at + 1)) line += 1;
  return line;
}

function field(node: unknown, name: string): SyntaxNode | undefined {
  const value = (node as SyntaxNode | undefined)?.[name];
  return typeof value === 'object' && value !== null ? (value as SyntaxNode) : undefined;
}

/** The text of an identifier or a string, if the node is one. */
export function textOf(node: unknown): string | undefined {
  const { type, value } = (node ?? {}) as { type?: string; value?: unknown };
  return (type === 'Identifier' || type === 'StringLiteral') && typeof value === 'string' ? value : undefined;
}

/** What stands left and right of the dot of `object.property`. */
export function memberOf(node: SyntaxNode): readonly [string, string] | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  const [object, property] = [textOf(field(node, 'object')), textOf(field(node, 'property'))];
  return object === undefined || property === undefined ? undefined : [object, property];
}

export interface Import {
  readonly line: number;
  /** As it is written. */
  readonly specifier: string;
}

/** Everything that a file takes from others: imports of values and types, re-exports, `import()` and `require()`. */
export function importsOf(file: HouseFile): Import[] {
  return nodesOf(file).flatMap(({ node, line }) => {
    const specifier = specifierOf(node);
    return specifier === undefined ? [] : [{ line, specifier }];
  });
}

function specifierOf(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return textOf(node.source);
    case 'TsImportType':
      return textOf(node.argument);
    case 'TsExternalModuleReference':
      return textOf(node.expression);
    case 'CallExpression':
      return isLoad(field(node, 'callee')) ? textOf(firstArgument(node)) : undefined;
    default:
      return undefined;
  }
}

function isLoad(callee: SyntaxNode | undefined): boolean {
  return callee?.type === 'Import' || textOf(callee) === 'require';
}

function firstArgument(call: SyntaxNode): unknown {
  return (call.arguments as { expression?: unknown }[])[0]?.expression;
}

/** The path from the root that a relative specifier names, without its ending; undefined for a package. */
export function targetOf(file: HouseFile, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file.path), specifier)) : undefined;
}
