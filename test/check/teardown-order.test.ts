import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, renumber, short } from './judge.ts';

test('a zap that began before the ucontext ended is in order', () => {
  const before =
    (duration: number) =>
    (events: readonly UmapEvent[]): UmapEvent[] => {
      const mover = events.find(({ what }) => what === 'ucontext_end');
      if (mover === undefined) throw new Error('no such event');
      const order = events
        .filter((event) => event !== mover)
        .flatMap((event) => (event.what === 'zap' ? [mover, { ...event, duration }] : [event]));
      return renumber(order.map((event, i) => ({ ...event, ns: (i + 1) * 1e7 })));
    };
  expect(short(judge('P1 open U1 | P1 mmap A 4p | remove', { change: before(1.1e7) }))).toBe('pass');
  expect(short(judge('P1 open U1 | P1 mmap A 4p | remove', { change: before(0.9e7) }))).toBe(
    'violation | teardown-order violation V1',
  );
});
