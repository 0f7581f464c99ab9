import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../src/report/values.ts';

describe('hex', () => {
  it('has the digits of the number, whatever its size', () => {
    for (const edge of [0, 1, 2 ** 24 - 1, 2 ** 24, 2 ** 31, 2 ** 32, 2 ** 48 - 4096, 2 ** 53 - 1]) {
      expect(hex(edge)).toBe(`0x${edge.toString(16)}`);
    }
    const check = (value: number): void => {
      expect(hex(value)).toBe(`0x${value.toString(16)}`);
    };
    fc.assert(fc.property(fc.maxSafeNat(), check));
    fc.assert(
      fc.property(
        fc.maxSafeNat().map((value) => value % 2 ** 26),
        check,
      ),
    );
  });
});
