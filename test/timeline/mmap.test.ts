import { describe, expect, test } from 'vitest';
import { Timeline } from '../../src/timeline/timeline.ts';
import type { KernelOrder } from './kernel/objects.ts';
import { draw, events } from './sketch.ts';

describe.each<KernelOrder>(['old', 'new'])('mmap, %s order', (order) => {
  const story = (text: string): string =>
    draw(`P1 open U1 | ${text}`, order).story.slice('P1 open U1 | '.length);

  test.each(['io', 'siw', 'rxe', 'rxe-inlined'])('%s: one VMA is born, once', (how) => {
    const { changes, live } = draw(`P1 open U1 | P1 mmap A 4p ${how}`, order);
    expect(changes.map(({ what }) => what)).toEqual(['ufile-opened', 'vma-born']);
    expect(live).toBe(how === 'io' ? 'P1 A 4p V1' : 'P1 A 4p V1 untracked');
  });

  test.each(['refused', 'early'])('that fails (%s) is told once, with the final errno', (failure) => {
    expect(story(`P1 mmap A 4p ${failure}`)).toBe('P1 mmap A 4p fails 22');
  });

  test('that is refused, and what follows on the same VMA pointer', () => {
    expect(story('P1 mmap A 4p refused | P1 mmap A 4p')).toBe('P1 mmap A 4p fails 22 | P1 mmap A 4p');
  });

  test('that fails after rdma_user_mmap_io returned 0: the VMA never lived', () => {
    const { live, mismatches, changes } = draw('P1 open U1 | P1 mmap A 4p stillborn', order);
    expect(live).toBe('');
    expect(mismatches).toEqual([]);
    const stillborn = changes.find(({ what }) => what === 'vma-stillborn');
    expect(stillborn).toMatchObject({ errno: 22, vma: { tracked: true, state: 'closed' } });
  });

  test('the pointer of a stillborn VMA is recycled', () => {
    expect(story('P1 mmap A 4p stillborn | P1 mmap B 1p')).toBe(
      'P1 mmap A 4p | V1 stillborn 22 | P1 mmap B 1p',
    );
  });

  test('rxe, of an offset that is mapped already: a birth, though it looks like a move', () => {
    const timeline = new Timeline();
    const changes = events('P1 open U1 | P1 mmap A 4p rxe | P1 mmap B 4p rxe', order).flatMap((event) =>
      timeline.apply('pgoff' in event ? { ...event, pgoff: 7 } : event),
    );
    const causes = changes.flatMap((change) => (change.what === 'vma-born' ? [change.vma.origin.cause] : []));
    expect(causes).toEqual(['mmap', 'mmap']);
  });

  test('two threads at a time, one refused', () => {
    expect(story('P1 mmap A 4p refused | P1.2 mmap B 1p rxe | P1 mmap C 1p')).toBe(
      'P1 mmap A 4p fails 22 | P1 mmap B 1p rxe | P1 mmap C 1p',
    );
  });

  test('MAP_FIXED over a part of a VMA', () => {
    // A  |0 1 2 3|
    //    |0|N N|3|
    const { live } = draw('P1 open U1 | P1 mmap A 4p | P1 mmap A+1 2p', order);
    expect(live).toBe(
      order === 'old'
        ? 'P1 A 1p V1 | P1 A+1 2p V4 | P1 A+3 1p V2 split<V1'
        : 'P1 A 1p V2 split<V1 | P1 A+1 2p V4 | P1 A+3 1p V3 split<V1',
    );
  });

  test.each(['refused', 'stillborn', 'early'])(
    'MAP_FIXED that fails (%s): the old VMA is gone',
    (failure) => {
      const { live, mismatches } = draw(`P1 open U1 | P1 mmap A 4p | P1 mmap A 4p ${failure}`, order);
      expect(live).toBe('');
      expect(mismatches).toEqual([]);
    },
  );

  test('by a process that did not open the ufile', () => {
    expect(story('P1 clone P2 | P2 mmap A 1p')).toBe('P2 mmap A 1p');
  });

  test('of two devices', () => {
    const { timeline } = draw(
      'name | name dev1 | P1 open U1 | P1 open U2 dev1 | P1 mmap A 1p U1 | P1 mmap B 1p U2',
      order,
    );
    expect(timeline.live().map(({ ufile }) => ufile.device)).toEqual(['rxe0', 'rxe1']);
  });
});

test.each([
  ['by another thread', { tid: 2 }, {}],
  ['of another range', {}, { start: 0x7f00_0010_0000 }],
])('that fails %s is not the failure of the mmap that made the VMA at its pointer', (_, differs, range) => {
  const timeline = new Timeline();
  const all = events('P1 open U1 | P1 mmap A 4p | P1 mmap B 4p refused');
  const born = all.find((event) => event.what === 'mmap_io');
  if (born === undefined) throw new Error('no mmap_io');
  const { vma, start, end } = born;
  const told = all.flatMap((event) =>
    timeline.apply(event.what === 'mmap' ? { ...event, ...differs, vma, start, end, ...range } : event),
  );
  expect(told.map(({ what }) => what)).not.toContain('vma-stillborn');
  expect(told.map(({ what }) => what)).toContain('mmap-failed');
});

test('a close of an empty range is a split that failed, or cannot be', () => {
  const timeline = new Timeline();
  const told = events('P1 open U1 | P1 mmap A 4p | P1 munmap A 4p').flatMap((event) =>
    timeline.apply(event.what === 'umap_close' ? { ...event, end: event.start } : event),
  );
  const mismatches = told.flatMap((change) => (change.what === 'mismatch' ? [change.message] : []));
  expect(mismatches).toEqual(['V1 is empty to the kernel, and no split of it has failed']);
});
