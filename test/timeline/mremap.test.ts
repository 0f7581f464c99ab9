import { expect, test } from 'vitest';
import { draw } from './sketch.ts';

const BEGIN = 'P1 open U1 | P1 mmap A 4p |';
const old = (text: string): string => draw(`${BEGIN} ${text}`, 'old').live;
const now = (text: string): string => draw(`${BEGIN} ${text}`, 'new').live;
const both = (text: string): string[] => [old(text), now(text)];

test('to a new place', () => {
  expect(both('P1 mremap A 4p B')).toEqual(Array(2).fill('P1 B 4p V2 mremap<V1'));
});

test('of a part: the copy is whole before the source is split', () => {
  // A  |0 1 2 3|      B  |1 2|
  //    |0|   |3|
  expect(old('P1 mremap A+1 2p B')).toBe('P1 A 1p V1 | P1 A+3 1p V3 split<V1 | P1 B 2p V2 mremap<V1');
  expect(now('P1 mremap A+1 2p B')).toBe(
    'P1 A 1p V3 split<V1 | P1 A+3 1p V4 split<V1 | P1 B 2p V2 mremap<V1',
  );
});

test('a part maps what it mapped before', () => {
  for (const order of ['old', 'new'] as const) {
    const [first, ...rest] = draw(`${BEGIN} P1 mremap A+1 2p B`, order)
      .timeline.live()
      .toSorted((a, b) => a.start - b.start);
    const base = first?.pfn ?? 0;
    expect(rest.map(({ pfn }) => (pfn ?? 0) - base)).toEqual([3, 1]);
  }
});

test('MREMAP_FIXED over another VMA closes what was there', () => {
  // A  |0 1 2 3|      B  |0 1 2 3|
  //        |2 3|         |0|A A|3|
  const text = 'P1 mmap B 4p | P1 mremap A 2p B+1';
  expect(old(text)).toBe('P1 A+2 2p V1 | P1 B 1p V2 | P1 B+1 2p V5 mremap<V1 | P1 B+3 1p V3 split<V2');
  expect(now(text)).toBe(
    'P1 A+2 2p V6 split<V1 | P1 B 1p V3 split<V2 | P1 B+1 2p V5 mremap<V1 | P1 B+3 1p V4 split<V2',
  );
});

test('MREMAP_FIXED of a part over another part of the same VMA', () => {
  // A  |0 1 2 3|
  //    |-|1|0|3|
  expect(old('P1 mremap A 1p A+2')).toBe('P1 A+1 1p V1 | P1 A+2 1p V4 mremap<V1 | P1 A+3 1p V2 split<V1');
  expect(now('P1 mremap A 1p A+2')).toBe(
    'P1 A+1 1p V5 split<V2 | P1 A+2 1p V4 mremap<V2 | P1 A+3 1p V3 split<V1',
  );
});

test.each(['link', 'tables'])('that fails (%s) leaves the source alone', (failure) => {
  expect(both(`P1 mremap A 4p B ${failure}`)).toEqual(Array(2).fill('P1 A 4p V1'));
});

test('whose source cannot be unmapped leaves both (6.1)', () => {
  expect(old('P1 mremap A+1 2p B split')).toBe('P1 A 4p V1 | P1 B 2p V2 mremap<V1');
});

test('of several VMAs in one call', () => {
  // A  |0 1|   |4 5|      B  |0 1|   |4 5|
  const live = 'P1 B 2p V3 mremap<V1 | P1 B+4 2p V4 mremap<V2';
  const text = 'P1 open U1 | P1 mmap A 2p | P1 mmap A+4 2p | P1 mremap-many A 6p B';
  expect(draw(text, 'new').live).toBe(live);
});

test('of VMAs of drivers, though no parent is told', () => {
  for (const how of ['rxe', 'siw']) {
    const begin = `P1 open U1 | P1 mmap A 4p ${how} | P1 mmap C 4p ${how} |`;
    expect(draw(`${begin} P1 mremap C 4p D`).live).toBe(
      'P1 A 4p V1 untracked | P1 D 4p V3 mremap<V2 untracked',
    );
    expect(draw(`${begin} P1 mremap C+1 3p D`).live).toBe(
      'P1 A 4p V1 untracked | P1 C 1p V4 split<V2 untracked | P1 D 3p V3 mremap<V2 untracked',
    );
  }
});
