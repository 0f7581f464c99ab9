import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inCell } from './matrix.ts';
import { readResults, supportPage } from './support.ts';

test('a limit counts only in the cells that have it', () => {
  const outcome = { ok: true, limit: 'no-audit', seen: 'escaped, inconclusive' } as const;
  expect(inCell('5.10+0.27', outcome)).toBe(outcome);
  expect(inCell('7.3+0.17', outcome)).toBe(outcome);
  for (const cell of ['6.1+0.23', '7.2+0.27'])
    expect(inCell(cell, outcome)).toEqual({ ok: false, seen: 'no-audit: escaped, inconclusive' });
});

test('docs/support.md is what the matrix has shown, each limit where it belongs', () => {
  const results = readResults();
  for (const [cell, { trials }] of Object.entries(results))
    for (const [trial, outcome] of Object.entries(trials))
      expect(inCell(cell, outcome), `${cell} ${trial}`).toEqual({ ...outcome, ok: true });
  expect(readFileSync('docs/support.md', 'utf8')).toBe(supportPage(results));
});
