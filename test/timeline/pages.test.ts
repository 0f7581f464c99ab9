import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../src/event/events.gen.ts';
import { countPages } from '../../src/timeline/pages.ts';
import { runs } from './seed.ts';

const START = 0x7f00_0000_0000;
const PAGE = 4096;
const PFN = 0xfd000;

/** A walk of four pages that found nothing mapped. */
const clear: AuditEvent = {
  what: 'audit',
  ...{ n: 1, ns: 0, cpu: 0, seq: 0, pid: 1, tid: 1, comm: 'p1' },
  ...{ age: 0, vma: '1', mm: '2', ufile: '3', start: START, end: START + 4 * PAGE, proven: 1 },
  ...{ absent: 4, special: 0, linear: 0, plain: 0, same: 0, entry: '0', frame: 0, at: 0, other: 0 },
};

const device = { absent: 0, special: 4, linear: 4, entry: '80000000fd000277', frame: PFN, at: START };
const dummy = { absent: 1, plain: 3, same: 3, other: 0x1234 };

describe('pages by what they map', () => {
  test.each([
    ['nothing', {}, PFN, 'absent 4'],
    ['the device', device, PFN, 'device 4'],
    [
      'the device, from its second page on',
      { ...device, absent: 1, special: 3, linear: 3, frame: PFN + 1, at: START + PAGE },
      PFN,
      'absent 1, device 3',
    ],
    ['the dummy page', dummy, PFN, 'absent 1, dummy 3'],
    [
      'both',
      {
        absent: 0,
        plain: 2,
        same: 2,
        other: 0x1234,
        special: 2,
        linear: 2,
        frame: PFN + 2,
        at: START + 2 * PAGE,
      },
      PFN,
      'dummy 2, device 2',
    ],
    ['the device, as the one witness says that there is', device, null, 'device 4'],
    ['frames that are not the recorded ones', device, PFN + 1, 'unknown 4'],
    ['one frame that is out of order', { ...device, linear: 3 }, PFN, 'device 3, unknown 1'],
    ['frames of the device without bit 9', { ...dummy, other: PFN + 1 }, PFN, 'absent 1, unknown 3'],
    ['memory in the first frame of the device', { ...dummy, other: PFN }, PFN, 'absent 1, unknown 3'],
    ['memory in the frame after the last one of it', { ...dummy, other: PFN + 4 }, PFN, 'absent 1, dummy 3'],
    ['several pages of memory', { ...dummy, same: 1 }, PFN, 'absent 1, dummy 1, unknown 2'],
    ['more than was walked', { absent: 2 }, PFN, 'absent 2, unknown 2'],
    ['what a walk that is not proven found', { proven: 0 }, PFN, 'unknown 4'],
    ['what cannot be', { absent: 5 }, PFN, 'unknown 4'],
    ['more dummy pages than pages of memory', { ...dummy, plain: 2 }, PFN, 'unknown 4'],
  ])('%s', (_, found, pfn, expected) => {
    const { pages, ...counts } = countPages({ ...clear, ...found }, pfn);
    expect(pages).toBe(4);
    const told = Object.entries(counts).filter(([, count]) => count > 0);
    expect(told.map(([kind, count]) => `${kind} ${count}`).join(', ')).toBe(expected);
  });

  test('whatever a recording says, counts are whole, not negative, and add up', () => {
    const count = fc.oneof(fc.nat({ max: 6 }), fc.maxSafeNat(), fc.constant(2 ** 64));
    const hostile = fc.record({
      ...{ absent: count, special: count, linear: count, plain: count, same: count, other: count },
      ...{ proven: fc.nat({ max: 2 }), frame: count, at: fc.constantFrom(0, START, START + PAGE, 1) },
      end: fc.constantFrom(START, START + 4 * PAGE, START - PAGE),
    });
    fc.assert(
      fc.property(hostile, fc.option(count), (found, pfn) => {
        const { pages, ...counts } = countPages({ ...clear, ...found }, pfn);
        const all = Object.values(counts);
        expect(all.every((n) => n >= 0 && n <= pages)).toBe(true);
        expect(all.reduce((sum, n) => sum + n, 0)).toBe(pages);
        if (found.proven !== 1) expect(counts.unknown).toBe(pages);
      }),
      runs(0.2),
    );
  });
});
