import { expect, test } from 'vitest';
import { differences, markdown, median, ratios, spread } from '../../bench/figures.ts';

test('the median is the middle one, or between the two of the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
});

test('the spread shows the least and the most', () => {
  expect(spread([1.5, 1, 3])).toBe('1.50 (1.00 to 3.00)');
  expect(spread([])).toBe('not measured');
});

test('ratios and differences are of runs of the same round', () => {
  expect(ratios([2, 9], [1, 3, 5])).toEqual([2, 3]);
  expect(differences([2, 9], [1, 3, 5])).toEqual([1, 6]);
});

test('a table is markdown', () => {
  expect(markdown({ part: 'read', about: 'One run.', head: ['', 's'], rows: [['floor', '1']] })).toBe(
    'One run.\n\n|  | s |\n| --- | --- |\n| floor | 1 |\n',
  );
});
