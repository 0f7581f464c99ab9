import { describe, expect, test } from 'vitest';
import type { UmapCloseEvent, UmapEvent, UmapKeptEvent, ZapEvent } from '../../src/event/events.gen.ts';
import { judge, lost, never, nth, renumber, short } from './judge.ts';

test('is broken by an mmap that fails after its umap was made', () => {
  expect(short(judge('P1 open U1 | P1 mmap A 1p stillborn'))).toBe('violation | leaked-umap violation V1');
});

test('is broken by a VMA that was never closed', () => {
  const outcome = judge('P1 open U1 | P1 mmap A 1p | P1 exit', {
    change: never(({ what }) => what === 'umap_close'),
  });
  expect(short(outcome)).toBe('violation | leaked-umap violation V1');
});

test('is missing evidence when the close was lost', () => {
  const change = lost(({ what }) => what === 'umap_close');
  expect(short(judge('P1 open U1 | P1 mmap A 1p | P1 exit', { change }))).toBe('inconclusive');
});

test('is broken by a umap that stays on the list after the close of a split', () => {
  const text = 'P1 open U1 | P1 mmap A 4p | P1 munmap A+1 1p | P1 mmap B 1p refused | remove';
  const change = (events: readonly UmapEvent[]): UmapEvent[] => {
    const { vma, mm, start, end, umap } = nth(events, 'umap_close');
    const zap = nth(events, 'zap');
    const stale = { ...zap, vma, mm, start, end, address: start, size: end - start, umap };
    return renumber(events.flatMap((event) => (event === zap ? [stale, event] : [event])));
  };
  const outcome = judge(text, { change });
  expect(short(outcome)).toMatch(/^violation \| leaked-umap violation V\d$/);
  expect(outcome.findings[0]?.message).toContain('had stayed on the list');
});

describe('a close that leaves its umap on the list', () => {
  const text = 'P1 open U1 | P1 mmap A 4p | P1 munmap A+1 1p | remove';
  const kept = (events: readonly UmapEvent[]): UmapEvent[] => {
    const closed = nth(events, 'umap_close');
    const { vma, mm, umap, ufile } = closed;
    const told = { ...closed, what: 'umap_kept', vma, mm, umap, ufile } as const;
    return renumber(events.flatMap((event) => (event === closed ? [event, told] : [event])));
  };

  test('is a leaked umap, whatever comes later', () => {
    const outcome = judge(text, { change: kept });
    expect(short(outcome)).toMatch(/^violation \| leaked-umap violation V\d$/);
    expect(outcome.findings[0]?.message).toContain('stayed on the list of U1');
  });

  test('is missing evidence when the close itself was lost', () => {
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      lost(({ what }) => what === 'umap_close')(kept(events));
    expect(short(judge(text, { change }))).toBe('inconclusive');
  });

  test.each<[string, (told: UmapKeptEvent) => UmapKeptEvent]>([
    ['of another VMA', (told) => ({ ...told, vma: 'ffff888100009999' })],
    ['by another thread', (told) => ({ ...told, tid: told.tid + 64 })],
  ])('is none of the VMA that was closed last when it is %s', (_, as) => {
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      kept(events).map((event) => (event.what === 'umap_kept' ? as(event) : event));
    expect(short(judge(text, { change }))).toBe('inconclusive');
  });
});

const rulesOf = (text: string, change: (events: readonly UmapEvent[]) => UmapEvent[]): string[] =>
  judge(text, { change })
    .findings.filter(({ severity }) => severity === 'violation')
    .map(({ rule }) => rule);

describe('a disassociation that comes upon a umap whose VMA has been closed', () => {
  const text = 'P1 open U1 | P1 mmap A 4p | P1 munmap A+1 1p | remove';

  interface Told {
    /** How the zap differs from one of what was closed. */
    readonly zap?: (closed: UmapCloseEvent) => Partial<ZapEvent>;
    /** ns between the close and all that follows. */
    readonly pause?: number;
    /** An event right after the close. */
    readonly next?: { readonly tid: number; readonly seq: number };
  }

  /** Whether it is a leak. */
  const leaks = ({ zap = () => ({}), pause = 0, next }: Told): boolean =>
    rulesOf(text, (events) => {
      const closed = nth(events, 'umap_close');
      const first = nth(events, 'zap');
      const { vma, mm, start, end, umap, ns } = closed;
      const stale: ZapEvent = {
        ...{ ...first, vma, mm, start, end, address: start, size: end - start, umap },
        ...zap(closed),
      };
      const after: UmapEvent[] =
        next === undefined
          ? []
          : [{ what: 'ready', n: 0, ns, cpu: 7, pid: next.tid, tid: next.tid, comm: '', seq: 1, probe: 0 }];
      const all = events.flatMap((event): UmapEvent[] => {
        if (event === closed) return [event, ...after];
        const later = event.ns > ns ? { ...event, ns: event.ns + pause } : event;
        return event === first ? [{ ...stale, ns: later.ns }, later] : [later];
      });
      return renumber(all).map((event) =>
        event.what === 'ready' ? { ...event, seq: next?.seq ?? 0 } : event,
      );
    }).includes('leaked-umap');

  test('means nothing while the close may not have returned, and a leak a second later', () => {
    expect(leaks({})).toBe(false);
    expect(leaks({ pause: 0.8e9 })).toBe(false);
    expect(leaks({ pause: 1.1e9 })).toBe(true);
  });

  test('is a leak as soon as the thread that closed it has done something else', () => {
    expect(leaks({ next: { tid: 1, seq: 1 } })).toBe(true);
    expect(leaks({ next: { tid: 1, seq: 0 } })).toBe(false);
    expect(leaks({ next: { tid: 1 + (1 << 12), seq: 1 } })).toBe(false);
  });

  test.each<[string, (closed: UmapCloseEvent) => Partial<ZapEvent>]>([
    ['umap', () => ({ umap: 'ffff888100009999' })],
    ['VMA', () => ({ vma: 'ffff888100009999' })],
  ])('is none when it is another %s', (_, zap) => {
    expect(leaks({ pause: 2e9, zap })).toBe(false);
  });
});

test.each([
  ['from before the trace', 'unseen P1 open U1 | unseen P1 mmap A 1p | snapshot | P1 exit', 'umap_close'],
  ["of a driver's own", 'P1 open U1 | P1 mmap A 1p siw | P1 exit', 'driver_close'],
] as const)('a VMA %s that was never closed is none', (_, text, close) => {
  expect(
    rulesOf(
      text,
      never(({ what }) => what === close),
    ),
  ).toEqual([]);
});
