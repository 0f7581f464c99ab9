/** What rules.test.ts does not hold of escaped: its edges. */
import { expect, test } from 'vitest';
import { judge, lost, short } from './judge.ts';

const FORK = 'P1 open U1 | P1 mmap A 4p | removing | P1 fork P2 | removed';

test('a copy of a copy is suspected of the disassociation that let that escape', () => {
  expect(short(judge(`${FORK} | P2 fork P3`))).toBe('inconclusive | escaped warning V2 | escaped warning V3');
});

test('a VMA is convicted once, however often its page tables are read', () => {
  const audits = [
    { vma: 'V2', device: 4 },
    { vma: 'V2', device: 4 },
  ];
  expect(short(judge(FORK, { audits }))).toBe('violation | escaped violation V2');
});

test('device memory in a copy that nothing made suspicious is missing evidence', () => {
  const outcome = judge('P1 open U1 | P1 mmap A 4p | remove | P1 fork P2', {
    audits: [{ vma: 'V2', device: 4 }],
  });
  expect(short(outcome)).toBe('inconclusive');
  expect(outcome.missing.map(({ what }) => what)).toEqual([
    expect.stringMatching(/^V2 .* has 4 pages of device memory and no umap/),
  ]);
});

test('whatever was lost since the teardown began can explain an escape', () => {
  const text =
    'P1 open U1 | P1 mmap A 4p | removing | P1 mmap B 1p refused | P1 mmap B 1p refused | P1 fork P2 | removed';
  const audits = [{ vma: 'V2', device: 4 }];
  expect(short(judge(text, { audits }))).toBe('violation | escaped violation V2');
  let seen = 0;
  const change = lost(({ what }) => {
    if (what === 'mmap') seen += 1;
    return what === 'mmap' && seen === 2;
  });
  expect(short(judge(text, { audits, change }))).toBe('inconclusive');
});
