import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../src/report/collect.ts';
import { judgementText } from '../../src/report/judgement-text.ts';
import { plain } from '../../src/report/paint.ts';

const judgement: Judgement = {
  verdict: 'inconclusive',
  findings: Array.from({ length: 250 }, (_, i) => ({
    ...{ rule: 'touched-after-zap', severity: 'info', ufile: 'U1', vma: `V${i + 1}`, message: 'touched' },
    evidence: Array.from({ length: 40 }, (_, n) => n + 1),
  })),
  missing: Array.from({ length: 101 }, (_, i) => ({
    ...{ rule: null, what: `thing ${i}`, how: 'look', evidence: [], decides: true },
  })),
};
const count = (text: string, word: RegExp): number => Array.from(text.matchAll(word)).length;

describe('long lists of what the rules say', () => {
  it('are cut, with how many there are and what shows them', () => {
    const text = judgementText(judgement, { paint: plain, width: 79 });
    expect(count(text, /touched-after-zap/g)).toBe(100);
    expect(text).toContain('… 150 more findings: --all shows all\n');
    expect(text).toContain('… 1 more thing: --all shows all\n');
    expect(text).toContain(' 12 and 28 more\n');
  });

  it('are whole when asked for', () => {
    const text = judgementText(judgement, { paint: plain, width: 79, all: true });
    expect(count(text, /touched-after-zap/g)).toBe(250);
    expect(count(text, /thing \d/g)).toBe(101);
    expect(text).not.toContain('more');
  });
});
