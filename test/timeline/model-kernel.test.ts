import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Comparison } from './kernel/compare.ts';
import type { KernelOrder } from './kernel/objects.ts';
import { World } from './kernel/world.ts';

/** The seed of CI; UMAPTRACE_SEED=n chooses another, UMAPTRACE_SEED=random any. */
const asked = process.env['UMAPTRACE_SEED'];
const seed = asked === undefined ? 20260 : asked === 'random' ? Date.now() : Number(asked);
const histories = Number(process.env['UMAPTRACE_HISTORIES'] ?? 5_000);

const ops = fc.array(fc.nat({ max: 0x7fff_ffff }), { minLength: 5, maxLength: 40, size: 'max' });

describe.each<KernelOrder>(['old', 'new'])('a model kernel of the %s order', (order) => {
  test('the live set is the same after every operation', { timeout: 600_000 }, () => {
    const check = (history: readonly number[]): void => {
      const world = new World(order);
      const comparison = new Comparison(world);
      for (const one of history) {
        world.step(one);
        comparison.check();
      }
      world.end();
      comparison.checkEmpty();
    };
    fc.assert(fc.property(ops, check), { seed, numRuns: histories });
    expect.assertions(0);
  });
});
