import { type Check, type HouseFile, isCode, isTypeScript, type Violation } from './file';
import { nodesOf, type SyntaxNode, textOf } from './syntax';

/** Words that say nothing about what a thing does. */
const EMPTY_WORDS = new Set([
  'util',
  'utils',
  'utility',
  'utilities',
  'helper',
  'helpers',
  'manager',
  'managers',
  'common',
]);

/** Declarations, by the field that holds their name. */
const NAMED: Readonly<Record<string, string>> = {
  ClassDeclaration: 'identifier',
  FunctionDeclaration: 'identifier',
  TsInterfaceDeclaration: 'id',
  TsTypeAliasDeclaration: 'id',
  TsEnumDeclaration: 'id',
  VariableDeclarator: 'id',
  ClassProperty: 'key',
  ClassMethod: 'key',
};

/** Names of files, folders and declarations say what a thing is. */
export const names: Check = (files) => [
  ...files
    .filter(isCode)
    .flatMap(({ path }) => [...emptyWordsOf(path)].map((word) => ({ path, message: says(path, word) }))),
  ...files.filter(isTypeScript).flatMap(emptyNamesIn),
];

function emptyNamesIn(file: HouseFile): Violation[] {
  return nodesOf(file).flatMap(({ node, line }) => {
    const name = nameOf(node) ?? '';
    return emptyWordsOf(name).map((word) => ({ path: file.path, line, message: says(name, word) }));
  });
}

function nameOf(node: SyntaxNode): string | undefined {
  const field = NAMED[node.type];
  return field === undefined ? undefined : textOf(node[field]);
}

function emptyWordsOf(name: string): string[] {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return [...new Set(words)].filter((word) => EMPTY_WORDS.has(word));
}

function says(name: string, word: string): string {
  return `"${word}" in the name ${name} does not say what it does`;
}
