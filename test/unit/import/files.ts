import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

/** A directory that is gone after the test file. */
export function temporaryDirectory(): {
  path: (name: string) => string;
  write: (name: string, content: string | Buffer) => Promise<string>;
} {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'twinkeep-import-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });
  const path = (name: string) => join(directory, name);
  return {
    path,
    write: async (name, content) => {
      await writeFile(path(name), content);
      return path(name);
    },
  };
}

export interface ReportRow {
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly raw: Buffer;
}

/** Rows of an error report as any CSV parser reads them, with the raw text as bytes. */
export async function readReport(path: string): Promise<ReportRow[]> {
  const rows = parse(await readFile(path, 'latin1'), { record_delimiter: '\n', max_record_size: 0 });
  const [header, ...others] = rows;
  expect(header).toEqual(['line', 'code', 'message', 'raw']);
  return others.map(([line, code = '', message = '', raw = '']) => ({
    line: Number(line),
    code,
    message: Buffer.from(message, 'latin1').toString('utf8'),
    raw: Buffer.from(raw, 'latin1'),
  }));
}

/** Bytes of the physical lines of a file, from 1, without their endings. */
export function physicalLines(content: Buffer): Buffer[] {
  const lines: Buffer[] = [Buffer.alloc(0)];
  let start = 0;
  while (start < content.length) {
    const found = content.indexOf(0x0a, start);
    const end = found === -1 ? content.length : found;
    const text = content.subarray(start, end);
    lines.push(text.at(-1) === 0x0d ? text.subarray(0, -1) : text);
    start = end + 1;
  }
  return lines;
}

/** Good and bad lines, some equal, some that name the account of another. */
export function memberFile(lines: number): { content: string; good: string[]; bad: number[] } {
  const rows: string[] = [];
  const good: string[] = [];
  const bad: number[] = [];
  for (let index = 0; index < lines; index += 1) {
    const line = index + 2;
    const name = index % 11 === 3 ? 'Same' : `M${index}`;
    if (index % 7 === 5) bad.push(line);
    else good.push(name);
    rows.push(index % 7 === 5 ? `${name},call me,` : `${name},,${name === 'Same' ? '' : `"[""app:${index}""]"`}`);
  }
  return { content: `name,phone,accounts\n${rows.join('\n')}\n`, good: good.sort(), bad };
}
