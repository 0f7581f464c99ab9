import { expect, test } from 'vitest';
import { judge, later, short, TWO } from './judge.ts';

test('names the process that was waited for', () => {
  const outcome = judge(`${TWO} remove`, { change: later('zap', 3e9) });
  expect(short(outcome)).toBe('pass | slow-disassociate warning U1');
  expect(outcome.findings[0]?.message).toMatch(/it waited 3.0\d s for the mm of pid 1/);
});

test('tells a long teardown', () => {
  const outcome = judge(`${TWO} remove`, { change: later('zapping_begin', 7e9) });
  expect(outcome.findings[0]?.message).toContain('after 7.01 s in which the objects were destroyed');
});
