import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { events } from './sketch.ts';

type Zap = Extract<UmapEvent, { what: 'zap' }>;

/** What a VMA of four pages is after a zap of a removal. */
function stateAfter(zap: (event: Zap) => Partial<Zap>): string | undefined {
  const timeline = new Timeline();
  for (const event of events('P1 open U1 | P1 mmap A 4p | remove')) {
    timeline.apply(event.what === 'zap' ? { ...event, ...zap(event) } : event);
  }
  return timeline.live()[0]?.state;
}

test('a VMA is zapped by a zap of all of it, and by no other', () => {
  expect(stateAfter(() => ({}))).toBe('zapped');
  expect(stateAfter(({ size }) => ({ size: size / 2 }))).toBe('mapped');
  expect(stateAfter(({ size }) => ({ size: size * 2 }))).toBe('mapped');
  expect(stateAfter(({ address }) => ({ address: address - 4096 }))).toBe('mapped');
  expect(stateAfter(() => ({ flags: '14040fb' }))).toBe('mapped');
});
