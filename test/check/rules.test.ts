import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/check/finding.ts';
import { RULES } from '../../src/check/rules.ts';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, lost, never, renumber, short } from './judge.ts';

const TWO = 'P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | P1 fork P2 |';
/** The zaps of a recording. */
const zaps = (events: readonly UmapEvent[]) => events.filter(({ what }) => what === 'zap');

/** The kernel never zaps VMAs of that mm, counted from the one that mapped first. */
const skipsMm =
  (mm: number) =>
  (events: readonly UmapEvent[]): UmapEvent[] => {
    const mms = [...new Set(zaps(events).map((event) => ('mm' in event ? event.mm : '')))];
    return never((event) => event.what === 'zap' && event.mm === mms[mm])(events);
  };

/** The kernel never makes its n-th zap. */
const skipsZap =
  (n: number) =>
  (events: readonly UmapEvent[]): UmapEvent[] => {
    const skipped = zaps(events)[n];
    return never((event) => event === skipped)(events);
  };

test('every rule says what it is', () => {
  expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  for (const { name, promise, rationale, needs, example } of RULES) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(promise.endsWith('.')).toBe(true);
    expect(rationale.length).toBeGreaterThan(80);
    expect(needs.length).toBeGreaterThan(0);
    expect(example).not.toBe('');
  }
});

describe('zap-missed', () => {
  test('holds when all are zapped, also in old orders', () => {
    expect(short(judge(`${TWO} remove`))).toBe('pass');
    expect(short(judge(`${TWO} remove`, { order: 'old' }))).toBe('pass');
    expect(short(judge(`${TWO} reset | P1 mmap C 1p | reset | remove`))).toBe('pass');
  });

  test('is broken when one VMA of an mm is skipped and another zapped', () => {
    const outcome = judge(`${TWO} remove`, { change: skipsZap(0) });
    expect(short(outcome)).toBe('violation | zap-missed violation V1');
    expect(outcome.findings[0]?.message).toMatch(/pid 1 .*can still reach the device/);
  });

  test.each(['P2 munmap A 1p', 'P2 fork P3', 'P2 mmap C 1p siw', 'P2 mremap A 4p D', 'P2 touch A'])(
    'is broken when a whole mm is skipped and its process does: %s',
    (later) => {
      const touch = later.includes('touch') ? 'P2 touch A' : later;
      const outcome = judge(`${TWO} remove | ${touch}`, { change: skipsMm(1) });
      expect(short(outcome)).toContain('zap-missed violation V3');
      expect(short(outcome)).toContain('zap-missed violation V4');
    },
  );

  test('is proven by the page tables', () => {
    const options = { change: skipsMm(1) };
    const device = judge(`${TWO} remove`, {
      ...options,
      audits: [
        { vma: 'V3', device: 4 },
        { vma: 'V4', absent: 1 },
      ],
    });
    expect(short(device)).toBe('violation | zap-missed violation V3');
    const absent = judge(`${TWO} remove`, {
      ...options,
      audits: [
        { vma: 'V3', absent: 4 },
        { vma: 'V4', absent: 1 },
      ],
    });
    expect(short(absent)).toBe('pass');
    const unknown = judge(`${TWO} remove`, {
      ...options,
      audits: [{ vma: 'V3' }, { vma: 'V4', absent: 1 }],
    });
    expect(short(unknown)).toBe('inconclusive');
  });

  const SKIPPED = 'P1 open U1 | P2 open U2 | P1 mmap A 1p U1 | P2 mmap B 1p U2 | remove';
  /** The removal or reset never comes to the second ufile. */
  const skipsUfile = (events: readonly UmapEvent[]): UmapEvent[] => {
    const [, second] = events.filter(({ what }) => what === 'ufile_open');
    const ufile = second !== undefined && 'ufile' in second ? second.ufile : '';
    const steps = /^(teardown|zapping|ucontext)_|^zap$/;
    return never((event) => steps.test(event.what) && 'ufile' in event && event.ufile === ufile)(events);
  };

  test.each(['remove', 'reset'])(
    'is broken when a %s never comes to a ufile whose process lives on',
    (kind) => {
      const text = SKIPPED.replace('remove', kind);
      expect(short(judge(text))).toBe('pass');
      const outcome = judge(`${text} | P2 munmap B 1p`, { change: skipsUfile });
      expect(short(outcome)).toBe('violation | zap-missed violation V2');
      expect(outcome.findings[0]?.message).toMatch(
        /not zapped by the (reset|removal) of \w+, which never came to U2/,
      );
      expect(short(judge(text, { change: skipsUfile }))).toBe('inconclusive');
    },
  );

  test('does not ask for what another device has, or for what was mapped since', () => {
    expect(short(judge('P1 open U1 | P2 open U2 dev1 | P1 mmap A 1p U1 | P2 mmap B 1p U2 | remove'))).toBe(
      'pass',
    );
    expect(short(judge('P1 open U1 | P1 mmap A 1p | reset | P2 open U2 | P2 mmap B 1p U2 | remove'))).toBe(
      'pass',
    );
  });

  test('is nothing when the mm was dying and is gone', () => {
    expect(short(judge(`${TWO} remove | P2 exit`, { change: skipsMm(1) }))).toBe('pass');
  });

  test('is missing evidence when nothing shows whether the mm lived on', () => {
    const outcome = judge(`${TWO} remove`, { change: skipsMm(1) });
    expect(short(outcome)).toBe('inconclusive');
    expect(outcome.missing[0]).toMatchObject({ rule: 'zap-missed', how: expect.stringContaining('audit') });
  });

  test('is missing evidence when the zap was lost', () => {
    expect(
      short(judge(`${TWO} remove | P2 munmap A 1p`, { change: lost(({ what }) => what === 'zap') })),
    ).toBe('inconclusive');
  });

  test('is missing evidence when a VMA is older than the trace', () => {
    const text = 'unseen P1 open U1 | unseen P1 mmap A 4p | P1 mprotect A 1p | reset';
    const skipped = judge(text, { change: (events) => skipsZap(0)(renumber(events)) });
    expect(short(skipped)).toBe('inconclusive');
  });

  test('does not ask again for what an earlier reset revoked', () => {
    expect(short(judge(`${TWO} reset | P1 mmap C 1p | remove | P1 munmap A 4p`))).toBe('pass');
  });

  test('asks for the copies of what an earlier reset revoked', () => {
    const outcome = judge('P1 open U1 | P1 mmap A 1p | reset | P1 fork P2 | reset | P2 munmap A 1p', {
      change: skipsZap(1),
    });
    expect(short(outcome)).toBe('violation | zap-missed violation V2');
  });

  test('is missing evidence when the disassociation has not ended', () => {
    expect(short(judge(`${TWO} removing`))).toBe('inconclusive');
  });
});

const changeZap =
  (how: (event: Extract<UmapEvent, { what: 'zap' }>) => object) =>
  (events: readonly UmapEvent[]): UmapEvent[] =>
    events.map((event) => (event.what === 'zap' ? { ...event, ...how(event) } : event));

describe('zap-short', () => {
  test('is not settled by page tables that could not be read', () => {
    const text = 'P1 open U1 | P1 mmap A 4p | remove';
    const audits = [{ vma: 'V1' }, { vma: 'V1', device: 4 }];
    expect(short(judge(text, { audits }))).toBe('violation | zap-short violation V1');
    expect(short(judge(text, { audits: [{ vma: 'V1' }, { vma: 'V1', absent: 4 }] }))).toBe('pass');
  });

  const text = 'P1 open U1 | P1 mmap A 4p | remove';

  test('is broken by half a zap', () => {
    const outcome = judge(text, { change: changeZap(({ size }) => ({ size: size / 2 })) });
    expect(short(outcome)).toBe('violation | zap-short violation V1');
    expect(outcome.findings[0]?.message).toContain('8192 bytes from');
  });

  test('is broken by a zap that reaches beyond the VMA', () => {
    const outcome = judge(text, { change: changeZap(({ size }) => ({ size: size * 2 })) });
    expect(outcome.findings[0]?.message).toContain('not inside the VMA');
  });

  test('is broken by a VMA that cannot be zapped', () => {
    const outcome = judge(text, { change: changeZap(() => ({ flags: '14040fb' })) });
    expect(outcome.findings[0]?.message).toContain('was not VM_PFNMAP');
  });

  test('has its last word from the page tables', () => {
    expect(short(judge(text, { audits: [{ vma: 'V1', absent: 4 }] }))).toBe('pass');
    expect(short(judge(text, { audits: [{ vma: 'V1', device: 1, absent: 3 }] }))).toBe(
      'violation | zap-short violation V1',
    );
  });

  test.each([
    [[], 'pid 1 (p1) may still reach the device'],
    [
      [{ vma: 'V1', device: 2, absent: 2 }],
      '2 of its 4 pages still map device memory 42.0 ms after it. pid 1',
    ],
    [[{ vma: 'V1', unknown: 4 }], 'pid 1 (p1) may still reach the device'],
    [[{ vma: 'V1', absent: 4 }], 'All the same, 42.0 ms after it no page of pid 1'],
  ])('says of a short zap what the page tables do: %j', (audits, words) => {
    const outcome = judge(text, { audits, change: changeZap(({ size }) => ({ size: size / 2 })) });
    expect(short(outcome)).toBe('violation | zap-short violation V1');
    expect(outcome.findings[0]?.message).toContain(words);
  });

  test('does not mind what was missed before the disassociation', () => {
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      changeZap(({ size }) => ({ size: size / 2 }))(lost((event) => event.what === 'ufile_open')(events));
    expect(judge(text, { change }).verdict).toBe('violation');
  });
});

describe('escaped', () => {
  test('suspects a copy whose parent is not known for sure', () => {
    const text =
      'P1 open U1 | P1 mmap A 4p | removing | P1 fork P2 | P2 clone P5 | P5 fork P3 | P2 exit | P5 exit | removed';
    expect(judge(text).verdict).toBe('inconclusive');
    expect(judge(text, { audits: [{ vma: 'V3', device: 4 }] }).verdict).toBe('violation');
  });

  const FORK = 'P1 open U1 | P1 mmap A 4p | removing | P1 fork P2 | removed';
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
    expect(short(judge('P1 open U1 | P1 mmap A 4p | removing | P1 fork P2 | P2 exit | removed'))).toBe(
      'pass',
    );
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
});

/** The removal's events from the end of the teardown on come before the last mmap. */
const putBefore =
  (what: UmapEvent['what'], moved: UmapEvent['what']) =>
  (events: readonly UmapEvent[]): UmapEvent[] => {
    const mover = events.find((event) => event.what === moved);
    const target = events.find((event) => event.what === what);
    if (mover === undefined || target === undefined) throw new Error('no such events');
    const rest = events.filter((event) => event !== mover);
    const at = rest.indexOf(target);
    const order = [...rest.slice(0, at), { ...mover, cpu: target.cpu }, ...rest.slice(at)];
    return renumber(order.map((event, i) => ({ ...event, ns: (i + 1) * 1e7 })));
  };

describe('map-after-remove', () => {
  const text = 'P1 open U1 | P1 mmap A 1p | remove';

  test('is broken by an mmap after the teardown has begun', () => {
    const outcome = judge(text, { change: putBefore('zapping_begin', 'mmap_io') });
    expect(short(outcome)).toBe('violation | map-after-remove violation V1');
  });

  test('holds after a reset, on another ufile, and up to the teardown', () => {
    expect(short(judge('P1 open U1 | P1 mmap A 1p | reset | P1 mmap B 1p'))).toBe('pass');
    expect(short(judge('P1 open U1 | P1 open U2 dev1 | P1 mmap A 1p | remove | P1 mmap B 1p U2'))).toBe(
      'pass',
    );
    expect(judge(text, { change: putBefore('teardown_begin', 'mmap_io') }).verdict).toBe('pass');
  });

  test('is missing evidence when a new ufile may have the pointer', () => {
    const again = 'P1 open U1 | P1 mmap A 1p | remove | P1 exit | P2 open U2 | P2 mmap A 1p U2 | reset';
    const gone: readonly UmapEvent['what'][] = ['ufile_close', 'ufile_free', 'umap_close'];
    let opens = 0;
    const change = lost(({ what }) => {
      if (what === 'ufile_open') opens += 1;
      return gone.includes(what) || (what === 'ufile_open' && opens === 2);
    });
    expect(judge(again, { change }).verdict).toBe('inconclusive');
    expect(judge(again).verdict).toBe('pass');
  });
});

describe('leaked-umap', () => {
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
      const closed = events.find(({ what }) => what === 'umap_close');
      const zap = events.find(({ what }) => what === 'zap');
      if (closed?.what !== 'umap_close' || zap?.what !== 'zap') throw new Error('no such events');
      const { vma, mm, start, end, umap } = closed;
      const stale = { ...zap, vma, mm, start, end, address: start, size: end - start, umap };
      return renumber(events.flatMap((event) => (event === zap ? [stale, event] : [event])));
    };
    const outcome = judge(text, { change });
    expect(short(outcome)).toMatch(/^violation \| leaked-umap violation V\d$/);
    expect(outcome.findings[0]?.message).toContain('had stayed on the list');
  });
});

describe('a close that leaves its umap on the list', () => {
  const text = 'P1 open U1 | P1 mmap A 4p | P1 munmap A+1 1p | remove';
  const kept = (events: readonly UmapEvent[]): UmapEvent[] => {
    const closed = events.find(({ what }) => what === 'umap_close');
    if (closed?.what !== 'umap_close') throw new Error('no such event');
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
});

describe('teardown-order', () => {
  const text = 'P1 open U1 | P1 mmap A 1p | remove';

  test('is broken by a zap after the ucontext has ended', () => {
    const change = putBefore('zap', 'ucontext_end');
    expect(short(judge(text, { change }))).toBe('violation | teardown-order violation V1');
  });

  test('does not mean the zaps of umap_open', () => {
    expect(short(judge(`${text} | P1 fork P2 | P1 mremap A 1p B`))).toBe('pass');
  });

  test('is missing evidence when something in the removal was missed', () => {
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      lost(({ what }) => what === 'zapping_end')(putBefore('zap', 'ucontext_end')(events));
    expect(short(judge(text, { change }))).toBe('inconclusive');
  });
});

const FACTS = { end: 60e9 };

describe('rules about time', () => {
  const late =
    (what: UmapEvent['what'], ns: number) =>
    (events: readonly UmapEvent[]): UmapEvent[] => {
      let shift = 0;
      return events.map((event) => {
        if (event.what === what && shift === 0) shift = ns;
        return { ...event, ns: event.ns + shift };
      });
    };

  test('slow-disassociate names the process that was waited for', () => {
    const outcome = judge(`${TWO} remove`, { change: late('zap', 3e9) });
    expect(short(outcome)).toBe('pass | slow-disassociate warning U1');
    expect(outcome.findings[0]?.message).toMatch(/it waited 3.0\d s for the mm of pid 1/);
  });

  test('slow-disassociate tells a long teardown', () => {
    const outcome = judge(`${TWO} remove`, { change: late('zapping_begin', 7e9) });
    expect(outcome.findings[0]?.message).toContain('after 7.01 s in which the objects were destroyed');
  });

  test('a removal that stands: who, for how long, whom it may wait for, and what would prove a deadlock', async () => {
    const { WHOLE } = await import('./judge.ts');
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      events.slice(
        0,
        events.findIndex(({ what }) => what === 'zap'),
      );
    const outcome = judge(`${TWO} remove`, { change, facts: { ...WHOLE, ...FACTS } });
    expect(outcome.verdict).toBe('inconclusive');
    const rules = outcome.findings.filter(({ severity }) => severity === 'warning').map(({ rule }) => rule);
    expect(rules).toEqual(['slow-disassociate', 'stuck-remove']);
    const reset = judge(`${TWO} reset`, { change, facts: { ...WHOLE, ...FACTS } });
    expect(reset.findings.filter(({ severity }) => severity === 'warning').map(({ rule }) => rule)).toEqual([
      'slow-disassociate',
    ]);
    const stands = outcome.missing.find(({ rule }) => rule === 'lock-inversion');
    expect(stands?.what).toMatch(/waiting for the mm of pid 1 .*, pid 2/);
    expect(stands?.how).toContain('/proc/PID/stack');
  });

  test('stuck-remove names who holds the device', async () => {
    const { WHOLE } = await import('./judge.ts');
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      events.slice(
        0,
        events.findIndex(({ what }) => what === 'teardown_begin'),
      );
    const outcome = judge('P1 open U1 | P1 mmap A 1p rxe | remove', {
      change,
      facts: { ...WHOLE, ...FACTS },
    });
    expect(outcome.findings[0]).toMatchObject({ rule: 'stuck-remove', severity: 'warning', ufile: 'U1' });
    expect(outcome.findings[0]?.message).toMatch(/U1 \(held by pid 1 \(p1\): 1 VMA; opened by pid 1 /);
  });
});

describe('rules that inform', () => {
  const infos = (text: string): string[] =>
    judge(text).findings.map(({ rule, severity, vma, ufile }) => `${rule} ${severity} ${vma ?? ufile}`);

  test('touched-after-zap tells each VMA once', () => {
    const outcome = judge('P1 open U1 | P1 mmap A 4p | remove | P1 touch A | P1 touch A+2 | P1 munmap A 4p');
    expect(short(outcome)).toBe('pass');
    expect(outcome.findings).toMatchObject([{ rule: 'touched-after-zap', vma: 'V1', severity: 'info' }]);
    expect(outcome.findings[0]?.message).toMatch(/^2 pages of V1 .* that D1 had revoked/);
  });

  test('sigbus-after-zap is info without a umap, a warning with one', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | remove | P1 fork P2 | P2 touch A';
    expect(infos(text)).toEqual(['sigbus-after-zap info V2']);
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      events.map((event) => (event.what === 'umap_fault' ? { ...event, ret: '2' } : event));
    const outcome = judge('P1 open U1 | P1 mmap A 1p | remove | P1 touch A', { change });
    expect(short(outcome)).toBe('pass | sigbus-after-zap warning V1');
  });

  test('map-failed counts by process and errno', () => {
    const outcome = judge('P1 open U1 | P1 mmap A 1p refused | P1 mmap A 1p refused');
    expect(outcome.findings).toMatchObject([{ rule: 'map-failed', severity: 'info', ufile: 'U1' }]);
    expect(outcome.findings[0]?.message).toMatch(/^2 mmaps of U1.* failed with EINVAL/);
  });

  test('driver-managed tells each ufile once', () => {
    expect(infos('P1 open U1 | P1 mmap A 1p rxe | P1 mmap B 1p siw')).toEqual(['driver-managed info U1']);
  });

  describe('untracked-io', () => {
    const mapped =
      (pfn: number, ...ranges: (readonly [number, number])[]) =>
      (events: readonly UmapEvent[]): UmapEvent[] => {
        const ram = ranges.map(
          ([first, frames]): UmapEvent => ({
            ...{ what: 'ram', n: 900, ns: 0, cpu: 0, seq: 0, pid: 1, tid: 1, comm: 'umaptrace' },
            ...{ pfn: first, frames },
          }),
        );
        const io = (event: UmapEvent): UmapEvent =>
          event.what === 'mmap' ? { ...event, flags: '140444fb', pfn } : event;
        return [...ram, ...events.map(io)];
      };
    const outcomeOf = (change: ReturnType<typeof mapped>) =>
      judge('P1 open U1 | P1 mmap A 1p | P1 mmap B 1p siw | remove', { change });

    test('tells a mapping of what is not System RAM', () => {
      const outcome = outcomeOf(mapped(0xfea00, [0x100, 0x7ff00]));
      expect(short(outcome)).toBe('pass | untracked-io warning V2');
      expect(outcome.findings[0]?.message).toMatch(/not System RAM \(pfn 0xfea00\): no disassociation can/);
    });

    test("says nothing of a mapping of the host's memory", () => {
      const outcome = outcomeOf(mapped(0x7ffff, [0x100, 0x7ff00]));
      expect(short(outcome)).toBe('pass');
      expect(outcome.missing).toEqual([]);
    });

    test.each([
      ['its page frames are not recorded', mapped(0, [0x100, 0x7ff00])],
      ['what is System RAM is not recorded', mapped(0xfea00)],
    ])('lacks evidence: %s', (what, change) => {
      expect(outcomeOf(change).missing).toMatchObject([
        { rule: 'untracked-io', decides: false, what: expect.stringContaining(what) },
      ]);
    });
  });

  test('untracked-io says what it would have to know, and the verdict does not hang on it', () => {
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      events.map((event) => (event.what === 'mmap' ? { ...event, flags: '140444fb' } : event));
    const outcome = judge('P1 open U1 | P1 mmap A 1p | P1 mmap B 1p siw | remove', { change });
    expect(outcome.verdict).toBe('pass');
    expect(outcome.missing).toMatchObject([{ rule: 'untracked-io', decides: false }]);
    const many = judge(`P1 open U1 | P1 mmap A 1p |${' P1 mmap B 1p siw |'.repeat(250)} remove`, { change });
    expect(many.verdict).toBe('pass');
    expect(many.missing.at(-1)).toMatchObject({
      what: '50 more of the same kind, not shown',
      decides: false,
    });
  });
});
