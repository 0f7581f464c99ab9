import { describe, expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import type { KernelOrder } from './kernel/objects.ts';
import { address, draw, events } from './sketch.ts';

const BEFORE = 'unseen P1 open U1 | unseen P1 mmap A 4p |';

describe.each<KernelOrder>(['old', 'new'])('what is older than the trace, %s order', (order) => {
  const story = (text: string): string => draw(text, order).story;

  test('is found when it is closed', () => {
    expect(story(`${BEFORE} P1 munmap A 4p`)).toBe('found U1 | V1 snapshot A 4p | P1 munmap A 4p');
  });

  test('is found when it is forked, whole and named after its process', () => {
    const { live } = draw(`${BEFORE} P1 fork P2`, order);
    expect(live).toBe('P1 A 4p V1 snapshot unknown | P2 A 4p V2 fork<V1 unknown');
  });

  test('is found when it is split, with the range of before', () => {
    const { live, changes } = draw(`${BEFORE} P1 mprotect A 1p`, order);
    expect(live).toBe('P1 A 1p V1 snapshot unknown | P1 A+1 3p V2 split<V1 unknown');
    const shrunk = changes.find(({ what }) => what === 'vma-shrunk');
    expect(shrunk).toMatchObject({ from: { start: address('A'), end: address('A+4') } });
  });

  test('is found when it is zapped', () => {
    const { live, mismatches } = draw(`${BEFORE} remove`, order);
    expect(live).toBe('P? A 4p V1 snapshot zapped');
    expect(mismatches).toEqual([]);
  });

  test('is found when it is touched, at first by a page only', () => {
    const touched = `${BEFORE} unseen remove | P1 touch A+2`;
    expect(draw(touched, order).live).toBe('P1 A+2 1p V1 snapshot unknown');
    const closed = draw(`${touched} | P1 munmap A 4p`, order);
    expect(closed.story).toContain('P1 munmap A 4p');
    expect(closed.mismatches).toEqual([]);
  });

  test('a split of an unknown VMA that fails (6.1)', () => {
    const { mismatches } = draw('unseen P1 open U1 | unseen P1 mmap A 4p rxe | P1 munmap A 1p split', order);
    expect(mismatches).toEqual([]);
  });

  test('copies of unknown VMAs by two threads, with vm_ops of a driver', () => {
    const text =
      'unseen P1 open U1 | unseen P1 mmap A 4p rxe | P1 mremap A+3 1p B | P1.2 munmap A 1p | P1 fork P2';
    const { mismatches, live } = draw(text, order);
    expect(mismatches).toEqual([]);
    expect(live).toContain('P1 B 1p V1 snapshot untracked');
  });

  test('a process is named by its own close, never by one that may be foreign', () => {
    const two = 'unseen P1 open U1 | unseen P1 mmap A 1p | unseen P1 mmap B 1p |';
    expect(draw(`${two} P1 munmap A 1p | reset`, order).live).toBe('P? B 1p V2 snapshot zapped');
    expect(draw(`${two} P1 fork P2 | P1 munmap A 1p`, order).live).toContain('P1 B 1p');
  });
});

describe('events that were lost', () => {
  const mismatches = (text: string): readonly string[] => draw(text).mismatches;

  test('a close: a new VMA has the pointer', () => {
    expect(mismatches('P1 open U1 | P1 mmap A 4p | unseen P1 munmap A 4p | P1 mmap B 1p')).toEqual([
      'V1 was never closed: a new VMA has its pointer',
    ]);
  });

  test('a close: a new VMA lies at its address', () => {
    const text =
      'P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | unseen P1 munmap A 4p | unseen P1 mmap C 1p | P1 mmap A 4p';
    expect(mismatches(text)).toEqual(['V1 was never closed: V3 lies at its address']);
  });

  test('a close: the ufile is closed', () => {
    expect(mismatches('P1 open U1 | P1 mmap A 4p | unseen P1 munmap A 4p | P1 close U1')).toEqual([
      'V1 was never closed: its ufile U1 has been closed',
    ]);
  });

  test('a split: the range that the kernel tells at the close is the truth', () => {
    const text = 'P1 open U1 | P1 mmap A 4p | unseen P1 mprotect A 1p | P1 munmap A 1p';
    expect(mismatches(text)).toEqual([
      'V1 is 0x7f0000000000-0x7f0000001000 to the kernel, 0x7f0000000000-0x7f0000004000 by the events before',
    ]);
    expect(draw(text).story).toContain('P1 munmap A 1p');
  });

  test('a split: the range that the kernel tells at a zap is the truth', () => {
    const text = 'P1 open U1 | P1 mmap A 4p | unseen P1 mprotect A 1p | remove';
    expect(mismatches(text)).toHaveLength(1);
    expect(draw(text).live).toBe('P1 A 1p V1 zapped | P1 A+1 3p V2 snapshot zapped');
  });

  test('the close and the free of a ufile', () => {
    expect(mismatches('P1 open U1 | P1 mmap A 4p | unseen P1 exit | P2 open U2')).toEqual([
      'U1 was never closed: a new ufile has its pointer',
      'V1 was never closed: its ufile U1 has been freed',
    ]);
  });

  test('the free of a ufile: one of another device has its pointer', () => {
    const text = 'P1 open U1 | P1 mmap A 4p | unseen P1 exit | unseen P2 open U2 dev1 | P2 mmap B 1p U2';
    const { timeline } = draw(text);
    expect(mismatches(text)).toContain('U1 was never closed: a new ufile has its pointer');
    expect(timeline.live().map(({ ufile, ended }) => [ufile.id, ended])).toEqual([['U2', null]]);
  });

  test('a fork: the child is named by what it does', () => {
    const { live } = draw('P1 open U1 | P1 mmap A 4p | unseen P1 fork P2 | P2 munmap A 1p');
    expect(live).toContain('P2 A+1 3p');
  });
});

describe('what the model kernel found', () => {
  const without = (text: string, lost: (event: UmapEvent, i: number) => boolean): Timeline => {
    const timeline = new Timeline();
    for (const [i, event] of events(text).entries()) if (!lost(event, i)) timeline.apply(event);
    timeline.finish();
    return timeline;
  };

  test('a refused mmap whose end is lost brings no ufile back that has been freed', () => {
    const text = 'P1 open U1 | P1.2 mmap A 1p refused | P1 close U1';
    expect(without(text, ({ what }) => what === 'mmap').ufiles).toEqual([]);
  });

  test('a copy of an unknown VMA that waits for its meaning is there when another thread splits it', () => {
    // B  |-----V2-----|
    //    |0 1 2|-V3---|
    const text = 'unseen P1 open U1 | unseen P1 mmap A 4p rxe | P1 mprotect A 1p | P1.2 munmap A+3 1p';
    const { mismatches, live } = draw(text, 'old');
    expect(mismatches).toEqual([]);
    expect(live).toBe('P1 A+1 2p V1 snapshot untracked');
  });

  test('a guessed fork names no process', () => {
    const before = 'unseen P1 open U1 | unseen P1 mmap A 4p siw | unseen P1 fork P2 |';
    const { timeline } = draw(`${before} P1 mprotect A 1p | P2 mprotect A 1p`);
    expect(timeline.live().map(({ mm }) => mm.pid)).not.toContain(2);
  });

  test('a VMA of which only a touched page is known is not taken for gone when that is split off', () => {
    const before = 'unseen P1 open U1 | unseen P1 mmap A 4p | unseen remove | unseen P1 fork P2 |';
    const { mismatches, live } = draw(`${before} P2 touch A+1 | P2 mprotect A 1p`);
    expect(mismatches).toEqual([]);
    expect(live).toBe('P2 A+1 1p V1 snapshot unknown untracked | P2 A+1 3p V2 snapshot unknown untracked');
  });

  test('a move whose source may be unknown does not take over that another VMA was zapped', () => {
    // A  |0 1 2 3|    B  |3|     B is not known, and reaches the device still (6.1: the move could not
    //    |z z|2|z|    C  |3|     unmap its source); A+3 is known, and was zapped when it was split off
    const before =
      'unseen P1 open U1 | unseen P1 mmap A 4p | unseen removing | unseen P1 mremap A+3 1p B split |';
    const { live } = draw(`${before} P1 mprotect A+2 1p | P1 mremap B 1p C`, 'old');
    expect(live).toContain('P1 A+3 1p V3 split<V1 zapped untracked');
    expect(live).toContain('P1 C 1p V4 mremap<V3 unknown untracked');
  });
});
