import { expect, it } from 'vitest';
import { JsonText, jsonDocument, LazyList, writeJson } from '../../src/report/write-json.ts';

const written = (value: unknown, compact: number): string => {
  const pieces: string[] = [];
  writeJson(value, compact, (piece) => pieces.push(String(piece)));
  return pieces.join('');
};

it('writes what JSON.stringify writes', () => {
  const value = { a: [1, { b: null }], c: {}, d: [], e: 'x\n' };
  expect(written(value, 9)).toBe(JSON.stringify(value, null, 2));
  expect(written(value, 0)).toBe(JSON.stringify(value));
  expect(written(value, 2)).toBe(
    '{\n  "a": [\n    1,\n    {"b":null}\n  ],\n  "c": {},\n  "d": [],\n  "e": "x\\n"\n}',
  );
});

it('makes the members of a lazy list while it writes, and writes text as it is', () => {
  const made: number[] = [];
  const list = new LazyList(function* () {
    for (const n of [1, 2]) {
      made.push(n);
      yield { n, text: [new JsonText({ n })] };
    }
  });
  expect(made).toEqual([]);
  const plain = [1, 2].map((n) => ({ n, text: [{ n }] }));
  expect(written({ list }, 4)).toBe(written({ list: plain }, 4));
  expect(made).toEqual([1, 2]);
  expect(written(new LazyList(() => []), 4)).toBe('[]');
});

it('writes what a program chose so that a terminal takes it for text', () => {
  const hostile = { comm: '\x9b31m\u202e' };
  const text = jsonDocument(hostile, 2);
  expect(text).toMatch(/^[ -~\n]*\n$/);
  expect(JSON.parse(text)).toEqual(hostile);
});
