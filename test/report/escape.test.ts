import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, jsonText } from '../../src/report/escape.ts';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

describe('escapeText', () => {
  it.each([
    ['ibv_rc_pingpong', 'ibv_rc_pingpong'],
    ['größe 時計', 'größe 時計'],
    ['x\nM 1 2 3', 'x\\nM 1 2 3'],
    ['\x1b[2J', '\\x1b[2J'],
    ['\x9b2J', '\\x9b2J'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['e\u0301', 'e\\u{301}'],
    ['\u3164', '\\u{3164}'],
    ['\u00a0', '\\xa0'],
    ['\\n', '\\\\n'],
    ['\ud800', '\\u{d800}'],
  ])('of %j is %j', (text, escaped) => {
    expect(escapeText(text)).toBe(escaped);
  });

  it('leaves nothing that acts or hides', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeText(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{M}\p{Default_Ignorable_Code_Point}]/u);
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it('gives different texts different escapes', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        if (a !== b) expect(escapeText(a)).not.toBe(escapeText(b));
      }),
      { numRuns: 1000, seed: 1 },
    );
  });
});

describe('jsonText', () => {
  it('is the same value without control characters', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = jsonText({ [text]: text });
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(JSON.parse(json)).toEqual({ [text]: text });
      }),
      { numRuns: 1000, seed: 1 },
    );
  });
});
