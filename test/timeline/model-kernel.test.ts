import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Reorder } from '../../src/timeline/reorder.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { arrival } from './kernel/arrival.ts';
import { audit } from './kernel/audit.ts';
import { Comparison } from './kernel/compare.ts';
import type { KernelOrder } from './kernel/objects.ts';
import { snapshot } from './kernel/snapshot.ts';
import { World } from './kernel/world.ts';
import { ops, runs } from './seed.ts';

const TIMEOUT = { timeout: 600_000 };
const WINDOW = 50_000;

describe.each<KernelOrder>(['old', 'new'])('a model kernel of the %s order', (order) => {
  test('the live set is the same after every operation', TIMEOUT, () => {
    let compared = 0;
    const check = (history: readonly number[]): void => {
      const world = new World(order);
      const comparison = new Comparison(world);
      for (const number of history) {
        world.step(number);
        comparison.check();
      }
      world.end();
      comparison.checkEmpty();
      compared += comparison.compared;
    };
    fc.assert(fc.property(ops, check), runs(0.5));
    expect(compared).toBeGreaterThan(10_000);
  });

  test('events from several CPUs are put in order again', TIMEOUT, () => {
    const check = (history: readonly number[], salt: number): void => {
      const world = new World(order);
      world.kernel.cpuOf = (tid) => (tid * 7 + salt) % 5;
      for (const number of history) world.step(number);
      const { events } = world.kernel;
      const reorder = new Reorder(WINDOW);
      const out = arrival(events, WINDOW, salt).flatMap((event) => reorder.push(event));
      expect([...out, ...reorder.flush()]).toEqual(events);
      expect(reorder.late).toBe(0);
    };
    fc.assert(fc.property(ops, fc.nat({ max: 9999 }), check), runs(0.05));
  });

  test('a trace that begins late knows nothing that is not so', TIMEOUT, () => {
    let compared = 0;
    const check = (before: readonly number[], history: readonly number[]): void => {
      const world = new World(order, false);
      for (const number of before) world.step(number);
      world.kernel.log.seen = true;
      const comparison = new Comparison(world);
      for (const number of history) {
        world.step(number);
        comparison.checkKnown();
      }
      world.end();
      comparison.take();
      expect(comparison.timeline.live()).toEqual([]);
      expect(comparison.timeline.ufiles).toEqual([]);
      compared += comparison.compared;
    };
    fc.assert(fc.property(ops, ops, check), runs(0.1));
    expect(compared).toBeGreaterThan(1000);
  });

  test('a trace that begins late is exact once the snapshot has been taken', TIMEOUT, () => {
    let compared = 0;
    const check = (before: readonly number[], history: readonly number[]): void => {
      const world = new World(order, false);
      for (const number of before) world.step(number);
      world.kernel.log.seen = true;
      const comparison = new Comparison(world);
      const numbers = [...history];
      for (const process of [...world.kernel.processes.values()]) {
        if (world.kernel.processes.has(process.pid)) snapshot(world.kernel.log, process);
        world.step(numbers.pop() ?? 0);
        comparison.checkKnown();
      }
      for (const number of numbers) {
        comparison.checkPlaces();
        world.step(number);
      }
      world.end();
      comparison.checkEmpty();
      compared += comparison.compared;
    };
    fc.assert(fc.property(ops, ops, check), runs(0.1));
    expect(compared).toBeGreaterThan(1000);
  });

  test(
    'page tables, whenever they are read, convict what reaches the device and nothing else',
    TIMEOUT,
    () => {
      const seen = new Map<string, number>();
      const check = (history: readonly number[]): void => {
        const world = new World(order);
        const comparison = new Comparison(world);
        for (const number of history) {
          world.step(number);
          audit(world.kernel);
          comparison.checkAudited();
          for (const { state } of comparison.timeline.live()) seen.set(state, (seen.get(state) ?? 0) + 1);
        }
      };
      fc.assert(fc.property(ops, check), runs(0.1));
      expect(seen.get('escaped')).toBeGreaterThan(10);
      expect(seen.get('zapped')).toBeGreaterThan(10);
    },
  );

  test('lost events never stop it, and what is gone is let go', TIMEOUT, () => {
    const check = (history: readonly number[], salt: number): void => {
      const world = new World(order);
      for (const number of history) world.step(number);
      const lossy = world.kernel.events.length;
      world.end();
      const timeline = new Timeline();
      for (const [i, event] of world.kernel.events.entries()) {
        const lost = i < lossy && (Math.imul(i + salt, 0x9e37_79b1) >>> 24) % 8 === 0;
        if (!lost || event.what === 'ufile_close' || event.what === 'ufile_free') timeline.apply(event);
        const pointers = timeline.live().map(({ pointer }) => pointer);
        expect(new Set(pointers).size).toBe(pointers.length);
      }
      timeline.finish();
      expect(timeline.live()).toEqual([]);
      expect(timeline.ufiles).toEqual([]);
    };
    fc.assert(fc.property(ops, fc.nat({ max: 9999 }), check), runs(0.05));
  });
});
