import { describe, expect, test } from 'vitest';
import { type Doubt, Doubts } from '../../src/check/doubts.ts';
import type { Claim } from '../../src/check/finding.ts';

const CLAIM: Claim = {
  ...{ rule: 'leaked-umap', severity: 'violation', message: '', ufile: 'U1', vma: 'V1' },
  ...{ evidence: [3, 7], since: 100, until: 200 },
};
const DOUBT: Doubt = { from: 120, to: 130, ufile: null, why: 'why', n: 5 };

const explains = (doubt: Partial<Doubt>, claim: Partial<Claim> = {}): boolean => {
  const doubts = new Doubts();
  doubts.add({ ...DOUBT, ...doubt });
  return doubts.explaining({ ...CLAIM, ...claim }) !== null;
};

describe('a doubt', () => {
  test('explains what rests on any moment of its stretch', () => {
    expect(explains({ from: 0, to: 100 })).toBe(true);
    expect(explains({ from: 0, to: 99 })).toBe(false);
    expect(explains({ from: 200, to: 300 })).toBe(true);
    expect(explains({ from: 201, to: 300 })).toBe(false);
    expect(explains({ from: 0, to: 300 })).toBe(true);
  });

  test('about a ufile explains nothing of another one', () => {
    expect(explains({ ufile: 'U1' })).toBe(true);
    expect(explains({ ufile: 'U2' })).toBe(false);
  });

  test('is none where it is the mismatch that the claim rests on, and only there', () => {
    const own = { mismatch: true, n: 7 } as const;
    expect(explains(own, { fromMismatch: true })).toBe(false);
    expect(explains(own)).toBe(true);
    expect(explains({ ...own, n: 8 }, { fromMismatch: true })).toBe(true);
    expect(explains({ n: 7 }, { fromMismatch: true })).toBe(true);
  });

  test('is not forgotten for those that follow, however many', () => {
    const doubts = new Doubts();
    for (let i = 0; i <= 5_000; i++) doubts.add({ ...DOUBT, from: 1000 + i, to: 1000 + i });
    expect(doubts.explaining({ ...CLAIM, since: 1002, until: 1003 })).not.toBeNull();
    expect(doubts.explaining(CLAIM)).toBeNull();
  });
});
