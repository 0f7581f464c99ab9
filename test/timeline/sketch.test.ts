import { expect, test } from 'vitest';
import { address, draw, place } from './sketch.ts';

test('places are addresses', () => {
  expect(['A', 'B+2', 'Z+255'].map((text) => place(address(text)))).toEqual(['A', 'B+2', 'Z+255']);
});

test.each([
  'P1 open U1 | P1 mmap A 4p | P1 fork P2 | P2 munmap A 4p | P1 munmap A 4p | P1 mmap B 1p',
  'P1 open U1 | P1 open U2 | P1 mmap A 4p U2 | P1 mmap B 2p U2 rxe | P1 mmap C 2p U2 siw | P1 close U1',
  'P1 open U1 | P1 mmap A 4p | remove | P1 fork P2 | P1 touch A+1 dummy | P2 touch A sigbus',
  'P1 open U1 | P1 mmap A 4p | reset | P1 mmap B 1p | P1 touch A dummy | P1 mmap C 1p fails 22',
])('a timeline prints back as the sketch that it came from: %s', (text) => {
  for (const order of ['old', 'new'] as const) expect(draw(text, order).sketch).toBe(text);
});
