/** A name as it is written, and in Latin letters as it stands in an address. */
export interface NamePart {
  readonly written: string;
  readonly latin: string;
}

/** People who share a language and a country. */
export interface Country {
  readonly locale: string;
  /** Share of all members, relative to the others. */
  readonly weight: number;
  readonly given: readonly NamePart[];
  readonly family: readonly NamePart[];
  /** How a full name is written. */
  readonly order: 'given family' | 'family given' | 'familygiven';
  readonly cities: readonly string[];
  /** Mobile numbers in E.164: `#` is any digit, `N` one from 2 to 9. */
  readonly phones: readonly string[];
  /** How much more, or less, these people use a platform than others do. */
  readonly leaning?: Readonly<Record<string, number>>;
}

/** `Anna, Jürgen=juergen`: names separated by commas, with their Latin form where it is another. */
export function names(list: string): readonly NamePart[] {
  return list.split(', ').map((entry) => {
    const [written = '', latin] = entry.split('=');
    return { written, latin: latin ?? plainLatin(written) };
  });
}

export function list(text: string): readonly string[] {
  return text.split(', ');
}

/** Lower case without marks. */
function plainLatin(written: string): string {
  return written
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .replace(/ł/gi, 'l')
    .replace(/ø/gi, 'o')
    .replace(/ß/g, 'ss')
    .replace(/ı/g, 'i')
    .replace(/đ/gi, 'd')
    .toLowerCase();
}
