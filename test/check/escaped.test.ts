import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/check/finding.ts';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, lost, never, nth, renumber, short, skipsMm, TWO } from './judge.ts';

const FORK = 'P1 open U1 | P1 mmap A 4p | removing | P1 fork P2 | removed';

test('suspects a copy whose parent is not known for sure', () => {
  const text =
    'P1 open U1 | P1 mmap A 4p | removing | P1 fork P2 | P2 clone P5 | P5 fork P3 | P2 exit | P5 exit | removed';
  expect(judge(text).verdict).toBe('inconclusive');
  expect(judge(text, { audits: [{ vma: 'V3', device: 4 }] }).verdict).toBe('violation');
});

const MOVE = 'P1 open U1 | P1 mmap A 4p | removing | P1 mremap A 4p B | removed';

test.each([FORK, MOVE])('is proven by the page tables: %s', (text) => {
  const outcome = judge(text, { audits: [{ vma: 'V2', device: 4, entry: '80000000fd000237' }] });
  expect(short(outcome)).toBe('violation | escaped violation V2');
  expect(outcome.findings[0]?.message).toMatch(
    /can still reach the device: 4 of 4 pages .*pfn 0xfd000\), \d+\.\d ms after/,
  );
  expect(outcome.findings[0]?.message).toContain('inside the teardown of D1');
});

test('sees through PROT_NONE', () => {
  const hidden = (~0xfd00_0000n & 0x000f_ffff_ffff_f000n) | 0x100n;
  const outcome = judge(FORK, { audits: [{ vma: 'V2', device: 4, entry: hidden.toString(16) }] });
  expect(outcome.findings[0]?.message).toContain('pfn 0xfd000, hidden by PROT_NONE');
});

test('holds when the page tables are clear', () => {
  expect(short(judge(FORK, { audits: [{ vma: 'V2', absent: 4 }] }))).toBe('pass');
});

test.each(['', '| P2 exit'])('is a warning and missing evidence without page tables %s', (later) => {
  const outcome = judge(`${FORK} ${later}`);
  expect(short(outcome)).toBe('inconclusive | escaped warning V2');
  expect(outcome.missing).toMatchObject([{ rule: 'escaped', decides: true }]);
});

test('is missing evidence when the page tables cannot be understood', () => {
  expect(short(judge(FORK, { audits: [{ vma: 'V2', absent: 3 }] }))).toBe(
    'inconclusive | escaped warning V2',
  );
});

test('names the process that an audit waited for', () => {
  const change = (events: readonly UmapEvent[]): UmapEvent[] => {
    const last = events.at(-1);
    if (last === undefined) throw new Error('no events');
    const { n, ns, cpu } = last;
    const head = { n: n + 1, ns: ns + 1e10, cpu, seq: 0, pid: 77, tid: 77, comm: 'busy' };
    return [...events, { what: 'audit_failed', ...head, took: 1e10, known: 1 }];
  };
  const outcome = judge(FORK, { change });
  expect(short(outcome)).toBe('inconclusive | escaped warning V2');
  expect(outcome.missing[0]?.what).toContain('the audit waited 10.0 s for the mmap_lock of pid 77 (busy)');
  const skipped = judge(`${TWO} remove`, { change: (events) => change(skipsMm(1)(events)) });
  expect(skipped.missing[0]?.what).toContain('waited 10.0 s for the mmap_lock of pid 77 (busy)');
});

test('is nothing when the copy is gone before the end', () => {
  expect(short(judge('P1 open U1 | P1 mmap A 4p | removing | P1 fork P2 | P2 exit | removed'))).toBe('pass');
  expect(short(judge('P1 open U1 | P1 mmap A 4p | removing | P1 fork P2 fails 1 | removed'))).toBe('pass');
});

test('follows the copies of an escaped copy', () => {
  const outcome = judge(`${FORK} | P2 fork P3`, {
    audits: [
      { vma: 'V2', device: 4 },
      { vma: 'V3', device: 4 },
    ],
  });
  expect(short(outcome)).toBe('violation | escaped violation V2 | escaped violation V3');
});

test('a split in the window, or a copy after the end, is clear', () => {
  expect(short(judge('P1 open U1 | P1 mmap A 4p | removing | P1 mprotect A 1p | removed'))).toBe('pass');
  expect(short(judge('P1 open U1 | P1 mmap A 4p | remove | P1 fork P2'))).toBe('pass');
});

describe('of a copy without a umap from before the trace', () => {
  /** The umap of P2's VMA was dropped before the trace; its copies have none. */
  const untracked = (events: readonly UmapEvent[]): UmapEvent[] => {
    const pointers = new Set<string>();
    const made = events.map((event): UmapEvent => {
      if (event.what === 'snapshot_vma' && event.pid === 2) {
        pointers.add(event.vma);
        return { ...event, private: '0', tracked: 0 };
      }
      if (event.what !== 'umap_open' || !pointers.has(event.parent)) return event;
      pointers.add(event.vma);
      return { ...event, umap: '0', inherited: '0', parent: '0', pmm: '0', pstart: 0, pend: 0 };
    });
    return never((event) => event.what === 'zap' && pointers.has(event.vma))(made);
  };
  const text = 'unseen P1 open U1 | unseen P1 mmap A 4p | unseen P1 fork P2 | snapshot | remove';
  const options = { change: untracked };

  test('is missing evidence, unless its page tables are clear', () => {
    const unread = judge(text, options);
    expect(short(unread)).toBe('inconclusive');
    expect(unread.missing.map(({ rule, what }) => [rule, what])).toEqual([
      [
        'escaped',
        expect.stringMatching(/^whether V2 \(.*\), which has no umap and is.* from before the trace/),
      ],
    ]);
    const mapped = judge(text, { ...options, audits: [{ vma: 'V2', device: 4 }] });
    expect(short(mapped)).toBe('inconclusive');
    expect(mapped.missing.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^V2 .* has 4 pages of device memory and no umap, and whose copy it is/),
    ]);
    expect(short(judge(text, { ...options, audits: [{ vma: 'V2', absent: 4 }] }))).toBe('pass');
  });

  test('is missing evidence of its copies, too', () => {
    const audits = [
      { vma: 'V2', absent: 4 },
      { vma: 'V3', device: 4 },
    ];
    const copied = `${text.replace('| remove', '| P2 fork P3 | remove')}`;
    const outcome = judge(copied, { ...options, audits });
    expect(outcome.missing.map(({ what }) => what)).toEqual([expect.stringMatching(/^V3 .* has 4 pages/)]);
    expect(outcome.verdict).toBe('inconclusive');
  });

  test('is nothing when it maps System RAM: a driver has mapped it', () => {
    const ram = (pfn: number, frames: number): Outcome =>
      judge(text, {
        audits: [{ vma: 'V2', device: 4 }],
        change: (events) => {
          const [first, ...rest] = untracked(events);
          if (first === undefined) throw new Error('no events');
          const { n, ns, cpu, pid, tid, comm } = first;
          return [{ what: 'ram', ...{ n, ns, cpu, pid, tid, comm }, seq: 0, pfn, frames }, first, ...rest];
        },
      });
    expect(short(ram(0, 100))).toBe('pass');
    expect(short(ram(50, 100))).toBe('inconclusive');
  });
});

test('is no violation when something in the window was missed', () => {
  const outcome = judge(FORK, {
    change: lost(({ what }) => what === 'fork'),
    audits: [{ vma: 'V2', device: 4 }],
  });
  expect(short(outcome)).toBe('inconclusive');
});

test('a copy of a copy is suspected of the disassociation that let that escape', () => {
  expect(short(judge(`${FORK} | P2 fork P3`))).toBe('inconclusive | escaped warning V2 | escaped warning V3');
});

test('a VMA is convicted once, however often its page tables are read', () => {
  const audits = [
    { vma: 'V2', device: 4 },
    { vma: 'V2', device: 4 },
  ];
  expect(short(judge(FORK, { audits }))).toBe('violation | escaped violation V2');
});

test('device memory in a copy that nothing made suspicious is missing evidence', () => {
  const outcome = judge('P1 open U1 | P1 mmap A 4p | remove | P1 fork P2', {
    audits: [{ vma: 'V2', device: 4 }],
  });
  expect(short(outcome)).toBe('inconclusive');
  expect(outcome.missing.map(({ what }) => what)).toEqual([
    expect.stringMatching(/^V2 .* has 4 pages of device memory and no umap/),
  ]);
});

test('whatever was lost since the teardown began can explain an escape', () => {
  const text =
    'P1 open U1 | P1 mmap A 4p | removing | P1 mmap B 1p refused | P1 mmap B 1p refused | P1 fork P2 | removed';
  const audits = [{ vma: 'V2', device: 4 }];
  expect(short(judge(text, { audits }))).toBe('violation | escaped violation V2');
  let seen = 0;
  const change = lost(({ what }) => {
    if (what === 'mmap') seen += 1;
    return what === 'mmap' && seen === 2;
  });
  expect(short(judge(text, { audits, change }))).toBe('inconclusive');
});

test('a copy that was not read stays unproven when it is closed within the next disassociation', () => {
  const change = (all: readonly UmapEvent[]): UmapEvent[] => {
    const { vma } = nth(all, 'umap_open');
    const drops = (event: UmapEvent): UmapEvent[] => {
      if (!('vma' in event) || event.vma !== vma) return [event];
      return event.what === 'zap' ? [] : 'umap' in event ? [{ ...event, umap: '0' }] : [event];
    };
    return renumber(all.flatMap(drops));
  };
  const text = 'P1 open U1 | P1 mmap A 4p | P1 fork P2 | reset |';
  expect(judge(`${text} P2 exit | removing | removed`, { change }).verdict).toBe('inconclusive');
  expect(judge(`${text} removing | P2 exit | removed`, { change }).verdict).toBe('inconclusive');
});
