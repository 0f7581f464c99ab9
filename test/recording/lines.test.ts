import { expect, test } from 'vitest';
import { LineCutter } from '../../src/recording/lines.ts';

/** The lines of chunks of at most `limit` bytes each; null for one that is longer. */
function cut(limit: number, ...chunks: readonly string[]): (string | null)[] {
  const cutter = new LineCutter(limit);
  const lines: (string | null)[] = [];
  const see = (bytes: Buffer | null, from: number, to: number): void => {
    lines.push(bytes === null ? null : bytes.toString('latin1', from, to));
    if (bytes !== null) expect(bytes[to]).toBe(0x0a);
  };
  for (const chunk of chunks) cutter.push(Buffer.from(chunk, 'latin1'), see);
  cutter.rest(see);
  return lines;
}

test('lines in one chunk and over several', () => {
  expect(cut(9, 'one\ntwo\n', 'thr', 'ee\nfo', 'ur\n\n')).toEqual(['one', 'two', 'three', 'four', '']);
});

test('what follows the last newline is a line, too', () => {
  expect(cut(9, 'one\n')).toEqual(['one']);
  expect(cut(9, 'one\ntwo')).toEqual(['one', 'two']);
  expect(cut(2, 'one\ntwo')).toEqual([null, null]);
});

test('a line of the limit is kept, one that is longer is not, however it comes', () => {
  for (const [line, kept] of [
    ['1234', '1234'],
    ['12345', null],
  ] as const) {
    for (let at = 0; at <= line.length; at++) {
      const [head, tail] = [line.slice(0, at), line.slice(at)];
      expect(cut(4, head, `${tail}\nnext\n`), `${head}|${tail}`).toEqual([kept, 'next']);
      expect(cut(4, head, tail), `${head}|${tail}`).toEqual([kept]);
    }
  }
});

test('what has been given may be written over', () => {
  const cutter = new LineCutter(9);
  const chunk = Buffer.from('abc');
  const lines: string[] = [];
  const see = (bytes: Buffer | null, from: number, to: number): void => {
    lines.push(bytes?.toString('latin1', from, to) ?? '');
  };
  cutter.push(chunk, see);
  chunk.fill('x');
  cutter.push(Buffer.from('def\n'), see);
  expect(lines).toEqual(['abcdef']);
});
