import { describe, expect, test } from 'vitest';
import { Timeline } from '../../src/timeline/timeline.ts';
import type { KernelOrder } from './kernel/objects.ts';
import { draw, events } from './sketch.ts';

const REMOVED = 'D1 ended';

describe.each<KernelOrder>(['old', 'new'])('disassociation, %s order', (order) => {
  const since = (text: string, from: string): string => {
    const { story } = draw(text, order);
    return story.slice(story.indexOf(from));
  };

  test('a removal: phases, one zap for each VMA, touches of dummy pages', () => {
    const text = 'P1 open U1 | P1 mmap A 4p | P1 fork P2 | remove | P2 touch A+1 | P1 touch A';
    expect(since(text, 'remove')).toBe(
      'remove | D1 teardown U1 | D1 zapping U1 | D1 zap V1 A 4p | D1 zap V2 A 4p | D1 ended | ' +
        'P2 touch A+1 dummy | P1 touch A dummy',
    );
  });

  test('a removal of a device that nobody holds is told too', () => {
    const { changes } = draw('P1 open U1 | remove dev1', order);
    expect(changes.slice(1).map(({ what }) => what)).toEqual([
      'disassociation-requested',
      'disassociation-returned',
    ]);
  });

  test('each ufile of the device is disassociated, those of others are not', () => {
    const open =
      'P1 open U1 | P1 open U2 | P1 open U3 dev1 | P1 mmap A 1p U1 | P1 mmap B 1p U2 | P1 mmap C 1p U3';
    const { live, timeline } = draw(`${open} | remove`, order);
    expect(live).toBe('P1 A 1p V1 zapped | P1 B 1p V2 zapped | P1 C 1p V3');
    expect(timeline.live().map(({ zappedBy }) => zappedBy)).toEqual(['D1', 'D2', null]);
  });

  test('VMAs of drivers are never zapped', () => {
    expect(draw('P1 open U1 | P1 mmap A 1p rxe | P1 mmap B 1p siw | remove', order).live).toBe(
      'P1 A 1p V1 untracked | P1 B 1p V2 untracked',
    );
  });

  test('fork after a removal: nobody tracks the VMA of the child, and touching it is SIGBUS', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | remove | P1 fork P2 | P2 touch A';
    expect(since(text, REMOVED)).toBe(
      'D1 ended | V2 fork<V1 A 1p | open zap V2 A 1p | P1 fork P2 | P2 touch A sigbus',
    );
    expect(draw(text, order).live).toBe('P1 A 1p V1 zapped | P2 A 1p V2 fork<V1 zapped untracked');
  });

  test('fork of fork after a removal: no parent is told', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | remove | P1 fork P2 | P2 fork P3';
    expect(draw(text, order).live).toBe(
      'P1 A 1p V1 zapped | P2 A 1p V2 fork<V1 zapped untracked | P3 A 1p V3 fork<V2 zapped untracked',
    );
  });

  test('a split after a removal', () => {
    const text = 'P1 open U1 | P1 mmap A 2p | remove | P1 mprotect A 1p';
    expect(draw(text, order).live).toBe('P1 A 1p V1 zapped | P1 A+1 1p V2 split<V1 zapped untracked');
  });

  test('fork in the window: whether the child still reaches the device is not known', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | removing | P1 fork P2 | removed';
    expect(draw(text, order).live).toBe('P1 A 1p V1 zapped | P2 A 1p V2 fork<V1 unknown untracked');
  });

  test('mremap in the window: page table entries follow after the zap', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | removing | P1 mremap A 1p B | removed';
    expect(draw(text, order).live).toBe('P1 B 1p V2 mremap<V1 unknown untracked');
  });

  test('a zap in umap_open belongs to no disassociation', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | removing | P1 fork P2 | removed';
    const { changes } = draw(text, order);
    const zaps = changes.filter(({ what }) => what === 'vma-zapped');
    expect(zaps).toMatchObject([{ disassociation: null }, { disassociation: { id: 'D1', zaps: 1 } }]);
  });

  test('a reset: mappings of before are zapped, those of after are not', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | reset | P1 mmap B 1p | P1 fork P2';
    const { live, timeline } = draw(text, order);
    expect(live).toBe('P1 A 1p V1 zapped | P1 B 1p V2 | P2 A 1p V3 fork<V1 zapped | P2 B 1p V4 fork<V2');
    expect(timeline.live()[0]).toMatchObject({ zappedBy: 'D1', tracked: true });
  });

  test('a reset after a fork after a reset zaps the copy again', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | reset | P1 fork P2 | reset';
    const { timeline } = draw(text, order);
    expect(timeline.live().map(({ zappedBy }) => zappedBy)).toEqual(['D1', 'D2']);
  });

  test('a device removed while its ufile is being closed', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | removing | P1 exit | removed';
    const { timeline, live, mismatches } = draw(text, order);
    expect({ live, mismatches }).toEqual({ live: '', mismatches: [] });
    expect([timeline.ufiles, timeline.disassociations]).toEqual([[], []]);
  });

  test('closing a ufile is no disassociation', () => {
    const { changes } = draw('P1 open U1 | P1 close U1', order);
    expect(changes.map(({ what }) => what)).toEqual([
      'ufile-opened',
      'ufile-closed',
      'ucontext-ended',
      'ufile-freed',
    ]);
  });

  test('a removal that never ends stays open', () => {
    const { timeline } = draw('P1 open U1 | P1 mmap A 1p | removing', order);
    expect(timeline.disassociations).toMatchObject([
      { id: 'D1', kind: 'remove', zapping: null, ended: null },
    ]);
  });

  test('one whose end was lost has ended when its thread goes on to the next', () => {
    const timeline = new Timeline();
    const ended: string[] = [];
    for (const event of events('P1 open U1 | P1 open U2 | remove', order)) {
      if (event.what === 'zapping_end' || event.what === 'teardown_end') continue;
      for (const change of timeline.apply(event)) {
        if (change.what === 'disassociation-ended') ended.push(`${change.disassociation.id} ${event.what}`);
      }
    }
    expect(ended).toEqual(['D1 teardown_begin', 'D2 remove_end']);
    expect(timeline.disassociations).toEqual([]);
  });

  test('a removal whose begin was not seen', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | unseen removing | removed';
    const { timeline, changes } = draw(text, order);
    expect(timeline.live()).toMatchObject([{ state: 'zapped', zappedBy: 'D1' }]);
    const ended = changes.find(({ what }) => what === 'disassociation-ended');
    expect(ended).toMatchObject({ disassociation: { requested: null, teardown: null } });
  });
});
