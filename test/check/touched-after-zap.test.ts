import { expect, test } from 'vitest';
import { judge, short } from './judge.ts';

test('tells each VMA once', () => {
  const outcome = judge('P1 open U1 | P1 mmap A 4p | remove | P1 touch A | P1 touch A+2 | P1 munmap A 4p');
  expect(short(outcome)).toBe('pass');
  expect(outcome.findings).toMatchObject([{ rule: 'touched-after-zap', vma: 'V1', severity: 'info' }]);
  expect(outcome.findings[0]?.message).toMatch(/^2 pages of V1 .* that D1 had revoked/);
});
