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

test('a copy of a zapped VMA was zapped by the same disassociation', () => {
  const timeline = new Timeline();
  for (const event of events('P1 open U1 | P1 mmap A 4p | remove | P1 mprotect A 1p')) timeline.apply(event);
  expect(timeline.live().map(({ id, state, zappedBy }) => [id, state, zappedBy])).toEqual([
    ['V1', 'zapped', 'D1'],
    ['V2', 'zapped', 'D1'],
  ]);
});

test('what a page table maps still after a zap is not zapped by a second one', () => {
  const timeline = new Timeline();
  const told = events('P1 open U1 | P1 mmap A 1p | reset | audit');
  const pfn = told.find((event) => event.what === 'mmap_io')?.pfn ?? 0;
  const entry = (pfn * 4096 + 0x277).toString(16);
  const present = { absent: 0, special: 1, linear: 1, frame: pfn, entry };
  for (const event of [...told, ...told.filter(({ what }) => what === 'zap')])
    timeline.apply(event.what === 'audit' ? { ...event, ...present, at: event.start } : event);
  expect(timeline.live()[0]?.zaps).toBe(2);
  expect(timeline.live()[0]?.state).toBe('escaped');
});

/** What became of a touch after a removal, by what rdma_umap_fault returned, in hex digits. */
function outcomeOf(ret: string): string | undefined {
  const timeline = new Timeline();
  const changes = events('P1 open U1 | P1 mmap A 4p | remove | P1 touch A').flatMap((event) =>
    timeline.apply(event.what === 'umap_fault' ? { ...event, ret } : event),
  );
  return changes.flatMap((change) => (change.what === 'vma-touched' ? [change.outcome] : []))[0];
}

test('what a touch got is in single bits of vm_fault_t', () => {
  // VM_FAULT_OOM 1, SIGBUS 2, MAJOR 4, NOPAGE 0x100, LOCKED 0x200, RETRY 0x400
  expect(['0', '100', '4', '300'].map(outcomeOf)).toEqual(Array(4).fill('dummy'));
  expect(['2', '6', '402', '3'].map(outcomeOf)).toEqual(Array(4).fill('sigbus'));
  expect(['1', '5', '401'].map(outcomeOf)).toEqual(Array(3).fill('oom'));
});
