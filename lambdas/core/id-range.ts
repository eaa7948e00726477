/** Member ids from `first` to `last`, both among them; none where `last` is below `first`. */
export interface IdRange {
  readonly first: bigint;
  readonly last: bigint;
}

export function isEmpty({ first, last }: IdRange): boolean {
  return last < first;
}

/** What of a range lies at or below an id. */
export function upTo({ first, last }: IdRange, id: bigint): IdRange {
  return { first, last: id < last ? id : last };
}

/** What of a range lies above an id. */
export function above({ first, last }: IdRange, id: bigint): IdRange {
  return { first: id < first ? first : id + 1n, last };
}
