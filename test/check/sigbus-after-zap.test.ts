import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, short } from './judge.ts';

test('is info without a umap, a warning with one', () => {
  const without = judge('P1 open U1 | P1 mmap A 1p | remove | P1 fork P2 | P2 touch A');
  expect(without.findings).toMatchObject([{ rule: 'sigbus-after-zap', severity: 'info', vma: 'V2' }]);
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    events.map((event) => (event.what === 'umap_fault' ? { ...event, ret: '2' } : event));
  const outcome = judge('P1 open U1 | P1 mmap A 1p | remove | P1 touch A', { change });
  expect(short(outcome)).toBe('pass | sigbus-after-zap warning V1');
});
