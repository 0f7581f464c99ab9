import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sums } from '../../../src/report/html/page/model.ts';
import { deltas } from '../../../src/report/html/table.ts';

describe('deltas', () => {
  it('add up to the values again', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 52 })), (values) => {
        expect([...sums(deltas(values))]).toEqual(values);
      }),
    );
  });

  it('of a number that is too large to be exact do not spoil what comes later', () => {
    const values = sums(deltas([5, 2 ** 64 - 1, 7, 9, 2 ** 47]));
    expect([...values].toSpliced(1, 2)).toEqual([5, 9, 2 ** 47]);
  });
});
