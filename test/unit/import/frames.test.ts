import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import fc from 'fast-check';
import { readByteCells, readCells } from '../../../cli/importer/cells';
import { type Frame, FrameReader, MAX_RECORD_BYTES } from '../../../cli/importer/frames';
import { quoted } from '../../../scripts/members/csv';
import { physicalLines, temporaryDirectory } from './files';

const files = temporaryDirectory();
let number = 0;

interface KeptFrame extends Omit<Frame, 'text'> {
  readonly text: Buffer;
}

async function framesOf(content: Buffer | string, columns?: number): Promise<KeptFrame[]> {
  number += 1;
  const file = await open(await files.write(`${number}.csv`, content));
  try {
    const reader = new FrameReader(file);
    reader.columns = columns;
    const frames: KeptFrame[] = [];
    for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
      frames.push({ ...frame, text: Buffer.from(frame.text) });
    }
    return frames;
  } finally {
    await file.close();
  }
}

/** Cells with everything that quoting is about. */
const cell = fc.string({
  unit: fc.constantFrom('a', 'é', '漢', '😀', ',', '"', '\n', '\r\n', ' ', ';', '=', 'e\u0301'),
  maxLength: 12,
});

describe('cutting a file into records', () => {
  it('gives back every cell of every record that was written by RFC 4180', async () => {
    const records = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.boolean(),
        async (rows, ending, mark, last) => {
          const lines = rows.map((cells) => cells.map(quoted).join(',')).join(ending);
          const frames = await framesOf(`${mark ? '\ufeff' : ''}${lines}${last ? ending : ''}`, 3);
          expect(frames.map(({ fault }) => fault)).toEqual(rows.map(() => undefined));
          expect(frames.map(({ text }) => readCells(text))).toEqual(rows);
          expect(frames.map(({ text }) => readByteCells(text).map(String))).toEqual(rows);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('covers every byte of any file, and never loses the line behind a broken one', async () => {
    const piece = fc.constantFrom('a,b,c', '"', '""', ',', '\n', '\r\n', '\r', '\u0000', 'x', '"a\nb"', 'é');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const content = Buffer.from(`${pieces.join('')}\ngood,line,here\n`);
        const frames = await framesOf(content, 3);
        expect(frames.at(-1)?.next).toBe(content.length);
        frames.forEach((frame, index) => {
          expect(frame.index).toBe(index);
          const before = frames[index - 1]?.next ?? 0;
          expect(frame.start).toBe(before);
          expect(frame.text.equals(content.subarray(frame.start, frame.end))).toBe(true);
          expect(content.subarray(frame.end, frame.next).toString()).toMatch(/^(\r?\n)?$/);
          expect(physicalLines(content.subarray(0, before)).length).toBe(frame.line);
        });
        const tail = frames.at(-1);
        if (!pieces.includes('"') && !pieces.includes('""')) expect(tail?.text.toString()).toBe('good,line,here');
      }),
      { numRuns: 300 },
    );
  });

  it('loses only the physical line on which a quote is not closed', async () => {
    const frames = await framesOf('a,b\n"open,1\nx,"[""y"",""z""]"\nlast,"2"\n', 2);
    expect(frames.map(({ line, fault, text }) => [line, fault, text.toString()])).toEqual([
      [1, undefined, 'a,b'],
      [2, 'BROKEN_QUOTES', '"open,1'],
      [3, undefined, 'x,"[""y"",""z""]"'],
      [4, undefined, 'last,"2"'],
    ]);
  });

  it('does not take two broken lines for one record', async () => {
    const frames = await framesOf('a,b\n"open,1\nx,y"\nlast,2\n', 2);
    expect(frames.map(({ fault }) => fault)).toEqual([undefined, 'BROKEN_QUOTES', 'BROKEN_QUOTES', undefined]);
  });

  it.each([
    ['as long as allowed', MAX_RECORD_BYTES, undefined],
    ['one byte too long', MAX_RECORD_BYTES + 1, 'LINE_TOO_LONG'],
    ['many times too long', 9 * MAX_RECORD_BYTES + 17, 'LINE_TOO_LONG'],
  ])('a line %s', async (_, length, fault) => {
    for (const ending of ['\n', '\r\n', '']) {
      const content = Buffer.from(`a\n${'x'.repeat(length)}${ending}${ending === '' ? '' : 'b\n'}`);
      const frames = await framesOf(content);
      const long = frames[1];
      expect(long).toMatchObject({ line: 2, start: 2, end: 2 + length, next: 2 + length + ending.length });
      expect(long?.fault).toBe(fault);
      const digest = createHash('sha256')
        .update(content.subarray(2, 2 + length + ending.length))
        .digest();
      expect(long?.digest.equals(digest)).toBe(true);
      if (ending !== '') expect(frames[2]?.text.toString()).toBe('b');
    }
  });

  it('frames alike wherever the buffer ends', async () => {
    const long = 'y'.repeat(MAX_RECORD_BYTES - 100);
    const rows = Array.from({ length: 12 }, (_, index) => `${index},"${long}""\r\n"`);
    const frames = await framesOf(`a,b\r\n${rows.join('\r\n')}\r\n`, 2);
    expect(frames).toHaveLength(13);
    expect(frames.every(({ fault }) => fault === undefined)).toBe(true);
  });
});
