import { expect, test } from 'vitest';
import { duration, relativeTime } from '../src/time-text.ts';

test.each([
  [0, '0 ns'],
  [400, '400 ns'],
  [999.4, '999 ns'],
  [43_210, '43.2 µs'],
  [999_700, '1.00 ms'],
  [999_400, '999 µs'],
  [-3_214_000, '-3.21 ms'],
  [59_600_000_000, '59.6 s'],
  [1_234e9, '1234 s'],
])('%d ns last %s', (ns, text) => {
  expect(duration(ns)).toBe(text);
});

test.each([
  [0, '+0.000000'],
  [1_075_234_900, '+1.075234'],
  [-14_500, '-0.000014'],
])('%d ns are at %s', (ns, text) => {
  expect(relativeTime(ns)).toBe(text);
});
