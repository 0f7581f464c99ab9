/** What rules.test.ts does not hold of zap-missed: its edges. */
import { describe, expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, lost, never, renumber, short } from './judge.ts';

const TWO = 'P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | P1 fork P2 |';

/** The kernel never zaps VMAs of the mm that mapped second. */
const skipsChild = (events: readonly UmapEvent[]): UmapEvent[] => {
  const mms = [...new Set(events.flatMap((event) => (event.what === 'zap' ? [event.mm] : [])))];
  return never((event) => event.what === 'zap' && event.mm === mms[1])(events);
};

/** All from the n-th of a kind on comes so many ns later. */
const later =
  (what: UmapEvent['what'], ns: number) =>
  (events: readonly UmapEvent[]): UmapEvent[] => {
    const from = events.findIndex((event) => event.what === what);
    return events.map((event, i) => (i < from ? event : { ...event, ns: event.ns + ns }));
  };

/** An event comes right before another one. */
const putBefore = (events: readonly UmapEvent[], target: UmapEvent, mover: UmapEvent): UmapEvent[] => {
  const rest = events.filter((event) => event !== mover);
  const at = rest.indexOf(target);
  const order = [...rest.slice(0, at), mover, ...rest.slice(at)];
  return renumber(order.map((event, i) => ({ ...event, ns: (i + 1) * 1e7 })));
};

const first = <What extends UmapEvent['what']>(
  events: readonly UmapEvent[],
  what: What,
  n = 0,
): Extract<UmapEvent, { what: What }> => {
  const found = events.filter((event): event is Extract<UmapEvent, { what: What }> => event.what === what)[n];
  if (found === undefined) throw new Error(`no ${what}`);
  return found;
};

describe('an mm that was skipped', () => {
  test('was not dying when it is closed long after', () => {
    const gone = `${TWO} remove | P2 exit`;
    const closed = (ns: number) =>
      judge(gone, { change: (events) => later('umap_close', ns)(skipsChild(events)) });
    expect(short(closed(0.1e9))).toBe('pass');
    expect(short(closed(0.3e9))).toBe('inconclusive');
  });

  test('is told once, whatever comes later', () => {
    const outcome = judge(`${TWO} reset | P2 touch A | reset | P2 touch A`, { change: skipsChild });
    expect(short(outcome)).toBe('violation | zap-missed violation V3 | zap-missed violation V4');
  });

  test('is told without the zap that a loss may have hidden before the proof', () => {
    const text = `${TWO} remove | P2 munmap B 1p | P2 touch A`;
    const change = (events: readonly UmapEvent[]) => skipsChild(events);
    expect(judge(text, { change }).verdict).toBe('violation');
    const closeLost = (events: readonly UmapEvent[]) =>
      lost(({ what }) => what === 'umap_close')(change(events));
    expect(short(judge(text, { change: closeLost }))).toBe('inconclusive');
  });
});

test('a VMA from before the trace may have been revoked by an earlier reset, also when it is closed later', () => {
  const text = 'unseen P1 open U1 | unseen P1 mmap A 4p | snapshot | P1 mmap B 1p | reset | P1 munmap A 4p';
  const change = (events: readonly UmapEvent[]): UmapEvent[] => {
    const start = first(events, 'snapshot_vma').start;
    return never((event) => event.what === 'zap' && event.start === start)(renumber(events));
  };
  expect(short(judge(text, { change }))).toBe('inconclusive');
});

test('what was closed while it was zapped was not missed', () => {
  const text = 'P1 open U1 | P1 mmap A 1p | P1 mmap B 1p | removing | P1 munmap B 1p | removed';
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    putBefore(events, first(events, 'umap_close'), first(events, 'zapping_begin'));
  expect(short(judge(text, { change }))).toBe('pass');
});

test('page tables that map the device although no zap was due are missing evidence', () => {
  const change = (events: readonly UmapEvent[]): UmapEvent[] => {
    const late = first(events, 'mmap_io', 1);
    const order = putBefore(events, first(events, 'zapping_end'), late);
    return never((event) => event.what === 'zap' && event.start === late.start)(order);
  };
  const text = 'P1 open U1 | P1 mmap A 1p | P1 mmap B 2p | remove';
  const outcome = judge(text, { change, audits: [{ vma: 'V2', device: 1, absent: 1 }] });
  expect(short(outcome)).toBe('violation | map-after-remove violation V2');
  expect(outcome.missing.map(({ what }) => what)).toEqual([
    expect.stringMatching(/^1 page of V2 .* device memory after a disassociation of U1, and why/),
  ]);
});

describe('a ufile that a reset never came to', () => {
  const BOTH = 'P1 open U1 | P2 open U2 | P1 mmap A 1p U1 | P2 mmap B 1p U2';
  /** From the n-th request on nothing comes to the second ufile. */
  const skipsUfile =
    (request = 0) =>
    (events: readonly UmapEvent[]): UmapEvent[] => {
      const { ufile } = first(events, 'ufile_open', 1);
      const from = events.indexOf(first(events, 'reset_begin', request));
      const steps = /^zapping_|^zap$/;
      return never(
        (event) =>
          events.indexOf(event) > from && steps.test(event.what) && 'ufile' in event && event.ufile === ufile,
      )(events);
    };

  test('is no matter where an earlier one has revoked its VMAs', () => {
    const text = `${BOTH} | reset | P1 mmap C 1p U1 | reset | P2 touch B | P2 munmap B 1p`;
    expect(short(judge(text, { change: skipsUfile(1) }))).toBe('pass');
  });

  test('is not asked for what it mapped since that had begun', () => {
    const text = `${BOTH.replace('| P2 mmap B 1p U2', '')} | P2 mmap B 1p U2 | reset | P2 munmap B 1p`;
    const change = (events: readonly UmapEvent[]): UmapEvent[] => {
      const skipped = skipsUfile()(events);
      return putBefore(skipped, first(skipped, 'mmap_io', 1), first(skipped, 'reset_begin'));
    };
    expect(short(judge(text, { change: skipsUfile() }))).toBe('violation | zap-missed violation V2');
    expect(short(judge(text, { change }))).toBe('pass');
  });
});
