import { expect, test } from 'vitest';
import { judge } from './judge.ts';

test('counts by process and errno', () => {
  const outcome = judge('P1 open U1 | P1 mmap A 1p refused | P1 mmap A 1p refused');
  expect(outcome.findings).toMatchObject([{ rule: 'map-failed', severity: 'info', ufile: 'U1' }]);
  expect(outcome.findings[0]?.message).toMatch(/^2 mmaps of U1.* failed with EINVAL/);
});
