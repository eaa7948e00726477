import type { ArchivedEngine, Tools } from './install';

/** Java's options for an engine whose classes were archived. One that does not fit is left alone by Java itself. */
export function sharedClasses(tools: Tools, engine: ArchivedEngine): string[] {
  const archive = tools.classArchives[engine];
  return archive === undefined ? [] : [`-XX:SharedArchiveFile=${archive}`];
}
