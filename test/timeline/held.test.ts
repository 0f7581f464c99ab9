import { expect, test } from 'vitest';
import type { MmapIoEvent, UmapEvent } from '../../src/event/events.gen.ts';
import { HeldEvents } from '../../src/timeline/held.ts';
import { events } from './sketch.ts';

const mapped = (): MmapIoEvent => {
  const found = events('P1 open U1 | P1 mmap A 1p').find((event) => event.what === 'mmap_io');
  if (found === undefined) throw new Error('no mmap_io');
  return found;
};

/** An event of another thread that ends nothing by itself, so many ns later. */
const after = (event: UmapEvent, ns: number): UmapEvent => ({
  ...{ what: 'ready', n: 0, seq: 0, cpu: 1, pid: 99, tid: 99, comm: '', probe: 0 },
  ns: event.ns + ns,
});

test('waits for the next event of the thread for a second', () => {
  const held = new HeldEvents();
  const event = mapped();
  held.hold(event);
  expect(held.due(after(event, 1e9))).toEqual([]);
  expect(held.due(after(event, 1e9 + 1))).toEqual([event]);
  expect(held.size).toBe(0);
});

test('holds at most 256, whatever their time', () => {
  const held = new HeldEvents();
  const all = Array.from({ length: 258 }, (_, tid) => ({ ...mapped(), tid }));
  for (const event of all) held.hold(event);
  expect(held.due(after(mapped(), 0))).toEqual(all.slice(0, 2));
  expect(held.size).toBe(256);
});

test('ends with what else is done in its mm, or to its ufile', () => {
  const event = mapped();
  const ends = (other: UmapEvent): boolean => {
    const held = new HeldEvents();
    held.hold(event);
    return held.due(other).length > 0;
  };
  expect(ends({ ...event, tid: 2 })).toBe(true);
  expect(ends({ ...event, tid: 2, mm: 'ffff' })).toBe(false);
  const { n, ns, cpu, seq, pid, comm, ufile } = event;
  const close = { what: 'ufile_close', ...{ n, ns, cpu, seq, pid, tid: 2, comm }, ufile } as const;
  expect(ends(close)).toBe(true);
  expect(ends({ ...close, ufile: 'ffff' })).toBe(false);
});
