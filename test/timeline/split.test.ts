import { expect, test } from 'vitest';
import { draw } from './sketch.ts';

const BEGIN = 'P1 open U1 | P1 mmap A 4p |';
const old = (text: string): string => draw(`${BEGIN} ${text}`, 'old').live;
const now = (text: string): string => draw(`${BEGIN} ${text}`, 'new').live;

// 5.10, 6.1: the hole is a copy, V1 lives on below it.
// 6.12 on: what stays is copies, V1 is what goes.

test('munmap of the low end', () => {
  // A  |0 1 2 3|
  //    |-|1 2 3|
  expect(old('P1 munmap A 1p')).toBe('P1 A+1 3p V1');
  expect(now('P1 munmap A 1p')).toBe('P1 A+1 3p V2 split<V1');
});

test('munmap of the high end', () => {
  // A  |0 1 2 3|
  //    |0 1 2|-|
  expect(old('P1 munmap A+3 1p')).toBe('P1 A 3p V1');
  expect(now('P1 munmap A+3 1p')).toBe('P1 A 3p V2 split<V1');
});

test('munmap of the middle', () => {
  // A  |0 1 2 3|
  //    |0|- -|3|
  expect(old('P1 munmap A+1 2p')).toBe('P1 A 1p V1 | P1 A+3 1p V2 split<V1');
  expect(now('P1 munmap A+1 2p')).toBe('P1 A 1p V2 split<V1 | P1 A+3 1p V3 split<V1');
});

test('munmap of the middle, as the callbacks tell it', () => {
  // 5.10, 6.1                        6.12 on
  // |V1   |                          |V1   |
  // |V1|V2  |   open(new above)      |V2|V1  |   open(new below)
  // |V1|V3|V2|  open(the hole)       |V2|V1|V3|  open(new above)
  // |V1|  |V2|  close(the hole)      |V2|  |V3|  close(the hole)
  expect(draw(`${BEGIN} P1 munmap A+1 1p`, 'old').story).toBe(
    'P1 open U1 | P1 mmap A 4p | V2 split<V1 A+1 3p | V1 is A 1p | V3 split<V2 A+1 1p | V2 is A+2 2p | P1 munmap A+1 1p',
  );
  expect(draw(`${BEGIN} P1 munmap A+1 1p`, 'new').story).toBe(
    'P1 open U1 | P1 mmap A 4p | V2 split<V1 A 1p | V1 is A+1 3p | V3 split<V1 A+2 2p | V1 is A+1 1p | P1 munmap A+1 1p',
  );
});

test('munmap over several VMAs', () => {
  // A  |0 1 2 3|4 5 6 7|8 9 10 11|
  //    |0 1|- -|- - - -|- -|10 11|
  const three = 'P1 mmap A+4 4p | P1 mmap A+8 4p | P1 munmap A+2 8p';
  expect(old(three)).toBe('P1 A 2p V1 | P1 A+10 2p V3');
  expect(now(three)).toBe('P1 A 2p V4 split<V1 | P1 A+10 2p V5 split<V3');
});

test('munmap of what was left', () => {
  const rest = 'P1 munmap A+1 2p | P1 munmap A 4p';
  expect([old(rest), now(rest)]).toEqual(['', '']);
});

// mprotect, madvise: V1 keeps the part whose flags change, on every kernel.

test.each([
  ['low part', 'P1 mprotect A 1p', 'P1 A 1p V1 | P1 A+1 3p V2 split<V1'],
  ['high part', 'P1 mprotect A+3 1p', 'P1 A 3p V2 split<V1 | P1 A+3 1p V1'],
  ['middle', 'P1 mprotect A+1 2p', 'P1 A 1p V2 split<V1 | P1 A+1 2p V1 | P1 A+3 1p V3 split<V1'],
  ['whole', 'P1 mprotect A 4p', 'P1 A 4p V1'],
])('mprotect of the %s', (_, text, live) => {
  expect([old(text), now(text)]).toEqual([live, live]);
});

test('mprotect over two VMAs', () => {
  // A  |0 1 2 3|4 5 6 7|
  //    |0 1|2 3|4|5 6 7|
  const live = 'P1 A 2p V3 split<V1 | P1 A+2 2p V1 | P1 A+4 1p V2 | P1 A+5 3p V4 split<V2';
  const text = 'P1 mmap A+4 4p | P1 mprotect A+2 3p';
  expect([old(text), now(text)]).toEqual([live, live]);
});

test('madvise(MADV_DONTFORK) of a part: the child is given the rest', () => {
  // P1  |0 1|2 3|
  // P2  |0 1|
  const live = 'P1 A 2p V2 split<V1 | P1 A+2 2p V1 | P2 A 2p V3 fork<V2';
  const text = 'P1 dontfork A+2 2p | P1 fork P2';
  expect([old(text), now(text)]).toEqual([live, live]);
});

test('a split that fails undoes itself by a close of an empty range (6.1)', () => {
  const above = draw(`${BEGIN} P1 munmap A+1 1p split`, 'old');
  expect(above.live).toBe('P1 A 4p V1');
  const below = draw(`${BEGIN} P1 mprotect A+1 3p split`, 'old');
  expect(below.live).toBe('P1 A 4p V1');
  expect([...above.mismatches, ...below.mismatches]).toEqual([]);
});

test('what a split leaves maps what it mapped before', () => {
  for (const order of ['old', 'new'] as const) {
    const [low, high] = draw(`${BEGIN} P1 munmap A+1 1p`, order)
      .timeline.live()
      .toSorted((a, b) => a.start - b.start);
    expect((high?.pfn ?? 0) - (low?.pfn ?? 0)).toBe(2);
    expect((high?.pgoff ?? 0) - (low?.pgoff ?? 0)).toBe(2);
  }
});

test('VMAs of drivers split alike, though no parent is told', () => {
  for (const how of ['rxe', 'rxe-inlined', 'siw']) {
    const begin = `P1 open U1 | P1 mmap A 4p ${how} |`;
    expect(draw(`${begin} P1 munmap A+1 1p`, 'old').live).toBe(
      'P1 A 1p V1 untracked | P1 A+2 2p V2 split<V1 untracked',
    );
    expect(draw(`${begin} P1 munmap A+1 1p`, 'new').live).toBe(
      'P1 A 1p V2 split<V1 untracked | P1 A+2 2p V3 split<V1 untracked',
    );
  }
});
