import { posix } from 'node:path';
import type { Check, HouseFile, Violation } from './file';

const LINK = /\[[^\]]*\]\(([^)\s]+)[^)]*\)/g;
const HEADING = /^#{1,6} +(.+)$/gm;
const CODE = /^```.*?^```|`[^`\n]*`/gms;

/** Links between documents, and to files, lead somewhere. */
export const links: Check = (files) => {
  const paths = new Set(files.flatMap(({ path }) => [path, ...foldersOf(path)]));
  return files.filter(({ path }) => path.endsWith('.md')).flatMap((file) => brokenLinksIn(file, files, paths));
};

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function brokenLinksIn(file: HouseFile, files: readonly HouseFile[], paths: ReadonlySet<string>): Violation[] {
  // What stands in code is no link, but its lines count.
  const text = file.text.replaceAll(CODE, (code) => code.replaceAll(/[^\n]/g, ' '));
  return [...text.matchAll(LINK)].flatMap((match) => {
    const [, link = ''] = match;
    const message = reasonAgainst(link, file, files, paths);
    const line = text.slice(0, match.index).split('\n').length;
    return message === undefined ? [] : [{ path: file.path, line, message }];
  });
}

function reasonAgainst(link: string, file: HouseFile, files: readonly HouseFile[], paths: ReadonlySet<string>) {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [to = '', anchor] = link.split('#');
  const target = to === '' ? file.path : posix.normalize(posix.join(posix.dirname(file.path), to)).replace(/\/$/, '');
  if (target !== '.' && !paths.has(target)) return `the link ${link} leads nowhere`;
  const document = files.find(({ path }) => path === target);
  if (anchor === undefined || document === undefined || anchorsOf(document).has(anchor)) return undefined;
  return `the link ${link} names no heading of ${target}`;
}

/** Headings as the hosts of repositories name them. */
function anchorsOf({ text }: HouseFile): ReadonlySet<string> {
  const headings = [...text.matchAll(HEADING)].map(([, heading = '']) => heading.trim().toLowerCase());
  return new Set(headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-')));
}
