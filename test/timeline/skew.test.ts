import { expect, test } from 'vitest';
import { Skew } from '../../src/timeline/skew.ts';

test('the most that an event came after a newer one', () => {
  const skew = new Skew();
  expect(skew.most).toBe(0);
  const most = [50, 20, 60, 55, 90].map((ns) => {
    skew.see({ ns });
    return skew.most;
  });
  expect(most).toEqual([0, 30, 30, 30, 30]);
});
