/**
 * Options of every engine on Java. On few cores they share, what counts is the time that compiling and collecting take:
 * with the quick compiler alone a search domain starts in half the time, and in its first minute answers and indexes
 * faster as well.
 */
export function javaOptions(
  heap: { readonly initial?: string; readonly most: string },
  classArchive?: string,
): string[] {
  return [
    ...(heap.initial === undefined ? [] : [`-Xms${heap.initial}`]),
    `-Xmx${heap.most}`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    // One that does not fit is left alone by Java itself.
    ...(classArchive === undefined ? [] : [`-XX:SharedArchiveFile=${classArchive}`]),
  ];
}
