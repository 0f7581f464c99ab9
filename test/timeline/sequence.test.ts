import { expect, test } from 'vitest';
import { Sequence } from '../../src/timeline/sequence.ts';

const see = (sequence: Sequence, cpu: number, seq: number, ns: number) =>
  sequence.see({ n: ns, ns, cpu, seq });

test('no gap where none is', () => {
  const sequence = new Sequence();
  expect([see(sequence, 0, 1, 10), see(sequence, 1, 1, 11), see(sequence, 0, 2, 12)]).toEqual([
    null,
    null,
    null,
  ]);
  expect(
    sequence.finish(
      new Map([
        [0, 2],
        [1, 1],
      ]),
    ),
  ).toEqual([]);
});

test('a gap between two events of a CPU', () => {
  const sequence = new Sequence();
  see(sequence, 3, 1, 10);
  expect(see(sequence, 3, 5, 90)).toEqual({ from: 10, to: 90, cpu: 3, lost: 3 });
});

test('a gap before the first event', () => {
  expect(see(new Sequence(), 0, 4, 50)).toEqual({ from: null, to: 50, cpu: 0, lost: 3 });
  expect(see(new Sequence(), 0, 2, 50)).toEqual({ from: null, to: 50, cpu: 0, lost: 1 });
});

test('a lost tail, and a CPU of which nothing came', () => {
  const sequence = new Sequence();
  see(sequence, 2, 1, 10);
  expect(
    sequence.finish(
      new Map([
        [2, 3],
        [0, 7],
        [1, 0],
      ]),
    ),
  ).toEqual([
    { from: null, to: null, cpu: 0, lost: 7 },
    { from: 10, to: null, cpu: 2, lost: 2 },
  ]);
});

test('repeats and events of user space are no gaps', () => {
  const sequence = new Sequence();
  see(sequence, 0, 1, 10);
  expect([see(sequence, 0, 0, 5), see(sequence, 0, 1, 11), see(sequence, 0, 2, 12)]).toEqual([
    null,
    null,
    null,
  ]);
});
