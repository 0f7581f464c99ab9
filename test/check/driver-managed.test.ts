import { expect, test } from 'vitest';
import { judge } from './judge.ts';

test('tells each ufile once', () => {
  const outcome = judge('P1 open U1 | P1 mmap A 1p rxe | P1 mmap B 1p siw');
  expect(outcome.findings).toMatchObject([{ rule: 'driver-managed', severity: 'info', ufile: 'U1' }]);
});
