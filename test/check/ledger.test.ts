import { describe, expect, test } from 'vitest';
import type { Claim } from '../../src/check/finding.ts';
import { Ledger } from '../../src/check/ledger.ts';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import type { Gap } from '../../src/timeline/model.ts';
import { judge, never, renumber, short, WHOLE } from './judge.ts';

const HEAD = { n: 7, ns: 5e9, cpu: 1, seq: 3, pid: 1, tid: 1, comm: 'p1' };
const READY: UmapEvent = { what: 'ready', ...HEAD, probe: 0 };

/** Why a violation that rests on a stretch of time is none; null when it is one. */
function doubt(ledger: Ledger, since: number, until = since, facts = WHOLE): string | null {
  const claim: Claim = {
    ...{ rule: 'zap-missed', severity: 'violation', message: '', ufile: 'U1', vma: 'V1', evidence: [] },
    ...{ since, until },
  };
  return ledger.doubt(claim, facts);
}

describe('what was missed', () => {
  const gap = (stretch: Pick<Gap, 'from' | 'to'>): Ledger => {
    const ledger = new Ledger();
    ledger.on.gap?.({ what: 'gap', event: READY, gap: { ...stretch, cpu: 1, lost: 2 } });
    return ledger;
  };

  test('a gap explains what is of its time, and of the millisecond before and after it', () => {
    const ledger = gap({ from: 3e9, to: 4e9 });
    expect(doubt(ledger, 3e9 - 1e6)).toBe('2 events lost on CPU 1');
    expect(doubt(ledger, 3e9 - 1e6 - 1)).toBeNull();
    expect(doubt(ledger, 4e9 + 1e6)).not.toBeNull();
    expect(doubt(ledger, 4e9 + 1e6 + 1)).toBeNull();
  });

  test('a gap at the beginning or at the end has no other end', () => {
    expect(doubt(gap({ from: null, to: 4e9 }), -1e12)).not.toBeNull();
    expect(doubt(gap({ from: null, to: 4e9 }), 5e9)).toBeNull();
    expect(doubt(gap({ from: 3e9, to: null }), 1e15)).not.toBeNull();
    expect(doubt(gap({ from: 3e9, to: null }), 2e9)).toBeNull();
  });

  test('a mismatch about no VMA explains all that came before it', () => {
    const ledger = new Ledger();
    ledger.on.mismatch?.({ what: 'mismatch', event: READY, vma: null, message: 'it does not fit' });
    expect(doubt(ledger, 0, 1)).toBe('event 7 does not fit what was known: it does not fit');
    expect(doubt(ledger, 5e9 + 1)).toBeNull();
  });

  test('an event that comes too late explains what lies between it and the one before', () => {
    const ledger = new Ledger();
    ledger.event(READY, []);
    ledger.event({ ...READY, n: 8, ns: 3e9 }, []);
    expect(doubt(ledger, 4e9)).toBe('event 8 came too late to be put in order');
    expect(doubt(ledger, 2e9)).toBeNull();
    expect(doubt(ledger, 6e9)).toBeNull();
  });

  test('a missed return explains what happened since the call', () => {
    const ledger = new Ledger();
    ledger.event({ what: 'return_missed', ...HEAD, function: 'rdma_umap_open', ago: 1e9 }, []);
    expect(doubt(ledger, 4e9)).toBe('the kernel did not show the return of rdma_umap_open in thread 1');
    expect(doubt(ledger, 3e9)).toBeNull();
  });

  describe('a module that came while the trace ran', () => {
    const late = (module: string): Ledger => {
      const ledger = new Ledger();
      ledger.event({ what: 'attached_late', ...HEAD, module, ago: 1e9 }, []);
      return ledger;
    };

    test('of the RDMA core is missing evidence, for as long as it ran untraced', () => {
      const ledger = late('ib_uverbs');
      expect(doubt(ledger, 4e9)).toMatch(/^ib_uverbs was loaded while the trace ran/);
      expect(doubt(ledger, 3e9)).toBeNull();
      expect(doubt(ledger, 5e9 + 1)).toBeNull();
      expect(ledger.missing(WHOLE)).toMatchObject([{ rule: null, decides: true, evidence: [7] }]);
    });

    test('of a driver says nothing about what is tracked', () => {
      const ledger = late('rdma_rxe');
      expect(doubt(ledger, 4e9)).toBeNull();
      expect(ledger.missing(WHOLE)).toEqual([]);
    });
  });

  test('events that were lost at moments that no gap shows explain everything', () => {
    const ledger = gap({ from: 3e9, to: 4e9 });
    const claim = (lost: number): string | null => doubt(ledger, 9e9, 9e9, { ...WHOLE, lost });
    expect(claim(2)).toBeNull();
    expect(claim(3)).toBe('3 events lost at moments that are not known');
  });

  test('the end of a zapping that is nobody else’s has no beginning', () => {
    const ledger = new Ledger();
    ledger.event({ what: 'zapping_end', ...HEAD, ufile: 'ffff888100000001' }, []);
    expect(ledger.missing(WHOLE)).toMatchObject([
      { what: 'event 7, the end of a zapping, came without its beginning', decides: true },
    ]);
  });

  test('a removal whose request nobody told was not seen whole', () => {
    const { missing } = judge('P1 open U1 | P1 mmap A 1p | remove', {
      change: never(({ what }) => what === 'remove_begin' || what === 'remove_end'),
    });
    expect(missing.map(({ what }) => what)).toEqual([
      'the beginning of the request that made D1 was not seen',
    ]);
  });

  test('a VMA whose birth was missed explains what happened to its ufile since that was opened', () => {
    const text = 'P1 open U1 | unseen P1 mmap A 1p | P1 mmap B 1p stillborn | snapshot';
    const outcome = judge(text, { change: renumber });
    expect(short(outcome)).toBe('inconclusive');
    expect(outcome.missing.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^the birth of V2 was not seen, although U1/),
      expect.stringMatching(/^it would be a violation, but what was missed can explain it \(the birth of V2/),
    ]);
  });
});
