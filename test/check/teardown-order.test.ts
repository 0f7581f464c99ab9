import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, lost, moved, nth, renumber, short } from './judge.ts';

const text = 'P1 open U1 | P1 mmap A 1p | remove';

test('is broken by a zap after the ucontext has ended', () => {
  const change = moved('zap', 'ucontext_end');
  expect(short(judge(text, { change }))).toBe('violation | teardown-order violation V1');
});

test('does not mean the zaps of umap_open', () => {
  expect(short(judge(`${text} | P1 fork P2 | P1 mremap A 1p B`))).toBe('pass');
});

test('is missing evidence when something in the removal was missed', () => {
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    lost(({ what }) => what === 'zapping_end')(moved('zap', 'ucontext_end')(events));
  expect(short(judge(text, { change }))).toBe('inconclusive');
});

test('a zap that began before the ucontext ended is in order', () => {
  const before =
    (duration: number) =>
    (events: readonly UmapEvent[]): UmapEvent[] => {
      const mover: UmapEvent = nth(events, 'ucontext_end');
      const order = events
        .filter((event) => event !== mover)
        .flatMap((event): UmapEvent[] => (event.what === 'zap' ? [mover, { ...event, duration }] : [event]));
      return renumber(order.map((event, i) => ({ ...event, ns: (i + 1) * 1e7 })));
    };
  expect(short(judge(text, { change: before(1.1e7) }))).toBe('pass');
  expect(short(judge(text, { change: before(0.9e7) }))).toBe('violation | teardown-order violation V1');
});
