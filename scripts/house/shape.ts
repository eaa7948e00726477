import { type Check, isCode } from './file';

const MAX_LINES = 300;

/** Files stay short enough to be read in one go. */
export const size: Check = (files) =>
  files.filter(isCode).flatMap(({ path, text }) => {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    return lines > MAX_LINES ? [{ path, message: `${lines} lines; a file has at most ${MAX_LINES}` }] : [];
  });

const ENTRANCE = /^lambdas\/[^/]+\/(index\.ts)?/;
const STEP = /^\/\*\* \S.* \*\/$/;

/** Each room has an entrance that says, in its first line, which step in the life of a request it is. */
export const entrances: Check = (files) => {
  const rooms = new Set(files.filter(({ path }) => ENTRANCE.test(path)).map(({ path }) => path.split('/')[1] ?? ''));
  // Handlers are entered by what triggers them.
  rooms.delete('handlers');
  return [...rooms].flatMap((room) => {
    const path = `lambdas/${room}/index.ts`;
    const index = files.find((file) => file.path === path);
    if (index === undefined) return [{ path, message: `the room ${room} has no entrance` }];
    if (STEP.test(index.text.split('\n', 1)[0] ?? '')) return [];
    return [
      { path, line: 1, message: 'the first line must be a one-line comment, /** … */, that says which step it is' },
    ];
  });
};
