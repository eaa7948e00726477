import { type Check, type HouseFile, isIn, isTypeScript, type Violation } from './file';
import { memberOf, nodesOf, type SyntaxNode, textOf } from './syntax';

interface Exception {
  readonly path: string;
  readonly asks: readonly string[];
  readonly reason: string;
}

/** Files that may ask the machine itself, what for, and why. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    path: 'lambdas/core/clock.ts',
    asks: ['Date.now', 'performance.now'],
    reason: 'it is the clock that all others are given',
  },
  {
    path: 'lambdas/arbiter/attempts.ts',
    asks: ['Math.random'],
    reason: 'attempts are spread; what is computed from the number is a pure function',
  },
  {
    path: 'lambdas/cache/cache.ts',
    asks: ['Math.random'],
    reason: 'it is the default of an option that tests set',
  },
];

const NOW = 'new Date()';

/** What is forbidden, and what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  [NOW]: 'take the time from Clock',
  'Date.now': 'take the time from Clock',
  'performance.now': 'take the time from Clock',
  'process.hrtime': 'take the time from Clock',
  'Math.random': 'take randomness from node:crypto, or have it injected',
};

/** Time and chance come from outside, so that tests can set them. */
export const injected: Check = (files) =>
  files.filter((file) => isTypeScript(file) && isIn('lambdas')(file)).flatMap(askedIn);

function askedIn(file: HouseFile): Violation[] {
  const excepted = EXCEPTIONS.find(({ path }) => path === file.path)?.asks ?? [];
  const asked = nodesOf(file).flatMap(({ node, line }) => {
    const name = askedBy(node);
    return name === undefined ? [] : [{ name, line }];
  });
  const needless = excepted.filter((name) => !asked.some((one) => one.name === name));
  return [
    ...asked
      .filter(({ name }) => !excepted.includes(name))
      .map(({ name, line }) => ({ path: file.path, line, message: `${name}: ${INSTEAD[name]}` })),
    ...needless.map((name) => ({ path: file.path, message: `the exception for ${name} is not needed any more` })),
  ];
}

/** The name of what a node asks of the machine. */
function askedBy(node: SyntaxNode): string | undefined {
  const member = memberOf(node)?.join('.');
  if (member !== undefined && Object.hasOwn(INSTEAD, member)) return member;
  const isDate = (node.type === 'NewExpression' || node.type === 'CallExpression') && textOf(node.callee) === 'Date';
  const { length = 0 } = (node.arguments ?? []) as readonly unknown[];
  return isDate && length === 0 ? NOW : undefined;
}
