import { describe, expect, it, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { events } from '../timeline/sketch.ts';
import {
  judge,
  judgeEvents,
  later,
  lost,
  never,
  nth,
  putBefore,
  renumber,
  short,
  skipsMm,
  TWO,
  withProbe,
} from './judge.ts';

/** The kernel never makes its n-th zap. */
const skipsZap =
  (n: number) =>
  (events: readonly UmapEvent[]): UmapEvent[] => {
    const skipped = nth(events, 'zap', n);
    return never((event) => event === skipped)(events);
  };

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
  (doing) => {
    const outcome = judge(`${TWO} remove | ${doing}`, { change: skipsMm(1) });
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
  expect(short(judge(`${TWO} remove | P2 munmap A 1p`, { change: lost(({ what }) => what === 'zap') }))).toBe(
    'inconclusive',
  );
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

describe('an mm that was skipped', () => {
  test('was not dying when it is closed long after', () => {
    const gone = `${TWO} remove | P2 exit`;
    const closed = (ns: number) =>
      judge(gone, { change: (events) => later('umap_close', ns)(skipsMm(1)(events)) });
    expect(short(closed(0.1e9))).toBe('pass');
    expect(short(closed(0.3e9))).toBe('inconclusive');
  });

  test('is told once, whatever comes later', () => {
    const outcome = judge(`${TWO} reset | P2 touch A | reset | P2 touch A`, { change: skipsMm(1) });
    expect(short(outcome)).toBe('violation | zap-missed violation V3 | zap-missed violation V4');
  });

  test('is told without the zap that a loss may have hidden before the proof', () => {
    const text = `${TWO} remove | P2 munmap B 1p | P2 touch A`;
    const change = skipsMm(1);
    expect(judge(text, { change }).verdict).toBe('violation');
    const closeLost = (events: readonly UmapEvent[]) =>
      lost(({ what }) => what === 'umap_close')(change(events));
    expect(short(judge(text, { change: closeLost }))).toBe('inconclusive');
  });
});

test('a VMA from before the trace may have been revoked by an earlier reset, also when it is closed later', () => {
  const text = 'unseen P1 open U1 | unseen P1 mmap A 4p | snapshot | P1 mmap B 1p | reset | P1 munmap A 4p';
  const change = (events: readonly UmapEvent[]): UmapEvent[] => {
    const start = nth(events, 'snapshot_vma').start;
    return never((event) => event.what === 'zap' && event.start === start)(renumber(events));
  };
  expect(short(judge(text, { change }))).toBe('inconclusive');
});

test('what was closed while it was zapped was not missed', () => {
  const text = 'P1 open U1 | P1 mmap A 1p | P1 mmap B 1p | removing | P1 munmap B 1p | removed';
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    putBefore(events, nth(events, 'umap_close'), nth(events, 'zapping_begin'));
  expect(short(judge(text, { change }))).toBe('pass');
});

test('page tables that map the device although no zap was due are missing evidence', () => {
  const change = (events: readonly UmapEvent[]): UmapEvent[] => {
    const late = nth(events, 'mmap_io', 1);
    const order = putBefore(events, nth(events, 'zapping_end'), late);
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
      const { ufile } = nth(events, 'ufile_open', 1);
      const from = events.indexOf(nth(events, 'reset_begin', request));
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
      return putBefore(skipped, nth(skipped, 'mmap_io', 1), nth(skipped, 'reset_begin'));
    };
    expect(short(judge(text, { change: skipsUfile() }))).toBe('violation | zap-missed violation V2');
    expect(short(judge(text, { change }))).toBe('pass');
  });
});

describe('a request', () => {
  /** From the n-th of a kind on the kernel makes no disassociation. */
  const comesToNone =
    (what: UmapEvent['what'], n: number) =>
    (events: readonly UmapEvent[]): UmapEvent[] => {
      const from = events.indexOf(nth(events, what, n));
      return never((event, i) => i > from && /^zapping_|^zap$/.test(event.what))(events);
    };

  it('that comes to no ufile at all is held against what an earlier one has shown of its device', () => {
    const text = 'P1 open U1 | P1 mmap A 1p | reset | P1 mmap B 1p | reset | P1 munmap B 1p';
    expect(short(judge(text))).toBe('pass');
    expect(short(judge(text, { change: comesToNone('reset_begin', 1) }))).toBe(
      'violation | zap-missed violation V2',
    );
  });

  it.each([
    ['reset', 'zapping_end'],
    ['remove', 'teardown_end'],
  ] as const)('that has not returned may still have to come to a ufile: %s', (kind, last) => {
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      events.slice(0, events.indexOf(nth(events, last)) + 1);
    const outcome = judge(SKIPPED.replace('remove', kind), { change });
    expect(outcome.verdict).toBe('inconclusive');
    expect(outcome.missing.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^the (reset|removal) of \w+, which began at .* had not returned/),
    );
    expect(judge('P1 open U1 | P1 mmap A 1p U1 | remove', { change }).verdict).toBe('pass');
  });

  it.each(['reset', 'remove'] as const)(
    'is not known to have come to all when its return is not traced: %s',
    (kind) => {
      const what = `${kind}_end` as const;
      const change = (events: readonly UmapEvent[]): UmapEvent[] =>
        renumber(skipsUfile(events).filter((event) => event.what !== what));
      const facts = withProbe({ event: what, attached: false, reason: 'no BTF' });
      expect(judge(`${SKIPPED.replace('remove', kind)} | P2 munmap B 1p`, { change, facts }).verdict).toBe(
        'inconclusive',
      );
    },
  );

  it('does not come to what a removal beside it has taken off the list', () => {
    const sketch = 'P1 open U1 | P2 open U2 | P1 mmap A 1p U1 | P2 mmap B 1p U2 |';
    const removal = events(`${sketch} remove`);
    const begin = removal.indexOf(nth(removal, 'remove_begin'));
    const [first, second] = [nth(removal, 'ufile_open').ufile, nth(removal, 'ufile_open', 1).ufile];
    const reset = events(`${sketch} reset`);
    const beside = reset
      .slice(reset.indexOf(nth(reset, 'reset_begin')))
      .filter((event) => !('ufile' in event) || event.ufile !== first)
      .map((event) => ({ ...event, tid: event.tid + 1, pid: event.pid + 1 }));
    const rest = removal.slice(begin + 1).filter((event) => event.what !== 'zap' || event.ufile !== second);
    const all = [...removal.slice(0, begin + 1), ...beside, ...rest];
    expect(short(judgeEvents(renumber(all.map((event, i) => ({ ...event, ns: (i + 1) * 1e7 })))))).toBe(
      'pass',
    );
  });

  it('that never came to a ufile is not excused by the end of its process', () => {
    const text = SKIPPED.replace('remove', 'reset');
    expect(judge(`${text} | P2 exit`, { change: skipsUfile }).verdict).toBe('inconclusive');
  });
});

test('a second disassociation does not begin the time anew in which a dying mm has to be gone', () => {
  const text = `${TWO} reset | reset | P2 exit`;
  const change = (all: readonly UmapEvent[]): UmapEvent[] => {
    const skipped = skipsMm(1)(all);
    const from = skipped.indexOf(nth(skipped, 'reset_begin', 1));
    return skipped.map((event, i) => (i < from ? event : { ...event, ns: event.ns + 1e10 }));
  };
  expect(judge(text, { change }).verdict).toBe('inconclusive');
});

test('a ufile from before the trace that no request came to may have had others, where none were read', () => {
  const text =
    'unseen P1 open U1 | unseen P1 mmap A 4p | P2 open U2 | P2 mmap B 1p U2 | P1 mprotect A 1p | reset | P1 munmap A 1p';
  const change = (all: readonly UmapEvent[]): UmapEvent[] => {
    const { ufile } = nth(all, 'umap_open');
    return renumber(
      all.filter(
        (event) => !(/^zapping_|^zap$/.test(event.what) && 'ufile' in event && event.ufile === ufile),
      ),
    );
  };
  const facts = withProbe({ event: 'snapshot_vma', attached: false, reason: 'refused' });
  expect(judge(text, { change, facts }).verdict).toBe('inconclusive');
});
