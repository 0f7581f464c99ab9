import { expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, short } from './judge.ts';

test.each([
  ['VM_IO', '4000'],
  ['VM_PFNMAP', '400'],
])('%s alone is not the look of device memory', (_, flags) => {
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    events.map((event) => (event.what === 'mmap' ? { ...event, flags } : event));
  const outcome = judge('P1 open U1 | P1 mmap A 1p | P1 mmap B 1p siw | remove', { change });
  expect(short(outcome)).toBe('pass');
  expect(outcome.missing).toEqual([]);
});
