import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';
import { describeRun, runChaos, runLateChaos } from './chaos.ts';
import { kernels } from './kernels.ts';

/** The default kernel and the newest of those that are tested: the two orders of callbacks are in the unit tests. */
const tested = [...new Set([...kernels.slice(0, 1), ...kernels.slice(-1)])];

/** Fixed here; free by `npm run chaos -- --seed N`. */
const SEEDS = [101, 102];

describe.each(tested)('chaos on %s', (kernel) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab({ kernel, progress: showProgress() });
  });
  afterAll(() => lab?.close());

  it.each(SEEDS)('seed %i: every quiet moment is what the maps say', async (seed) => {
    const run = await runChaos(lab, seed, 400);
    expect(run.difference, describeRun(run)).toBeNull();
    expect(run.compared).toBeGreaterThan(100);
    expect({ lost: run.lost, mismatches: run.mismatches }).toEqual({ lost: 0, mismatches: 0 });
  });

  it('the tracer comes in the middle: equal from then on', async () => {
    const run = await runLateChaos(lab, 103, 8000);
    expect(run.difference, describeRun(run)).toBeNull();
    expect(run.compared).toBeGreaterThan(100);
  });
});
