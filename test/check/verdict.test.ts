import { describe, expect, test } from 'vitest';
import type { RecordingFacts } from '../../src/check/facts.ts';
import { EVENTS, type UmapEvent } from '../../src/event/events.gen.ts';
import { judge, lost, renumber, short, TWO, WHOLE, withProbe } from './judge.ts';

const GOOD = 'P1 open U1 | P1 mmap A 4p | P1 fork P2 | remove | P1 exit | P2 exit';
const LACK: readonly [string, RecordingFacts, RegExp][] = [
  ['an end', { ...WHOLE, ended: false }, /has no end/],
  [
    'a good end',
    { ...WHOLE, ended: false, reasons: ['bpftrace ended with status 1'] },
    /ended with status 1/,
  ],
  ['events', { ...WHOLE, lost: 3 }, /3 events lost/],
  ['returns', { ...WHOLE, lost: 3, unkept: 3 }, /3 returns not told: a map of bpftrace was full/],
  ['order', { ...WHOLE, late: 2 }, /2 events came too late/],
  ['event lines', { ...WHOLE, absent: 1 }, /1 event line that its end counts/],
  ['lines', { ...WHOLE, unreadable: 1 }, /1 line could not be read/],
  ['runs that are not counted', { ...WHOLE, uncounted: true }, /does not count the runs of kprobes/],
  ['program runs', { ...WHOLE, missed: { rdma_umap_open: 4 } }, /skipped 4 runs of rdma_umap_open/],
  [
    'a probe',
    withProbe({ event: 'zap', attached: false, reason: 'BTF is too old' }),
    /zap .* was not traced: BTF/,
  ],
  [
    'a function that every kernel has',
    withProbe({ event: 'umap_open', attached: false, absent: true }),
    /umap_open .* was not traced/,
  ],
  ['word of its probes', { ...WHOLE, probes: [] }, /does not say whether mmap_io was traced/],
];

describe('the verdict', () => {
  test('is pass when all was held, and there was something to hold', () => {
    expect(judge(GOOD)).toMatchObject({ verdict: 'pass', missing: [], tracked: 2, disassociations: 1 });
  });

  test.each([
    'P1 open U1 | P1 mmap A 4p',
    'P1 open U1 | P1 mmap A 4p rxe | remove',
    'P1 open U1 | remove dev1',
    'P1 open U1 | P1 open U2 dev1 | P1 mmap A 4p U1 | remove dev1',
    'P1 open U1 | P1 mmap A 4p | P1 munmap A 4p | remove',
    'P1 open U1 | reset | P1 mmap A 4p',
  ])('is vacuous when nothing was seen that a promise is about: %s', (text) => {
    expect(short(judge(text))).toBe('vacuous');
  });

  test.each(LACK)('is inconclusive without %s', (_, facts, what) => {
    const outcome = judge(GOOD, { facts });
    expect(outcome.verdict).toBe('inconclusive');
    const found = outcome.missing.find((missing) => what.test(missing.what));
    expect(found).toBeDefined();
    expect(found?.how).not.toBe('');
  });

  test('is inconclusive, not vacuous, when what was missed may have been the VMA', () => {
    const outcome = judge('P1 open U1 | P1 mmap A 4p | P1 exit | remove', {
      change: lost(({ what }) => what === 'mmap_io' || what === 'umap_close'),
    });
    expect(outcome.verdict).toBe('inconclusive');
  });

  test('is inconclusive when a return was missed, which can explain a violation of that time', () => {
    const withMissed = (ago: number) => (events: readonly UmapEvent[]) => {
      const { ns, cpu, tid } = events.at(-1) ?? { ns: 0, cpu: 0, tid: 1 };
      const head = { n: 0, ns: ns + 1, cpu, seq: 0, pid: tid, tid, comm: 'x' };
      const missed = { ...head, what: 'return_missed', function: 'zap_vma_ptes', ago } as const;
      return renumber([...events.filter(({ what }) => what !== 'zap'), missed]);
    };
    const outlived = 'P1 open U1 | P1 mmap A 4p | remove | P1 touch A 1p | P1 munmap A 4p';
    expect(judge(outlived, { change: withMissed(1) }).verdict).toBe('violation');
    const outcome = judge(outlived, { change: withMissed(1e12) });
    expect(outcome.verdict).toBe('inconclusive');
    expect(outcome.missing[0]?.what).toMatch(/did not show the return of zap_vma_ptes/);
  });

  test('does not miss functions that this kernel never had', () => {
    for (const event of ['reset_begin', 'reset_end', 'umap_fault', 'driver_open']) {
      expect(judge(GOOD, { facts: withProbe({ event, attached: false, absent: true }) }).verdict).toBe(
        'pass',
      );
    }
    const broken = withProbe({ event: 'reset_begin', attached: false, reason: 'no BTF' });
    expect(judge(GOOD, { facts: broken }).verdict).toBe('inconclusive');
  });

  test('does not mind probes that only warnings need', () => {
    const outcome = judge(GOOD, {
      facts: withProbe({ event: 'umap_fault', attached: false, reason: 'no BTF' }),
    });
    expect(outcome.verdict).toBe('pass');
    expect(outcome.missing.map(({ rule, decides }) => [rule, decides])).toEqual([
      ['sigbus-after-zap', false],
      ['touched-after-zap', false],
    ]);
  });

  test('needs the snapshot of a ufile that was open before the trace', () => {
    const text = 'unseen P1 open U1 | P1 mmap A 4p | remove | P1 exit';
    const change = (events: readonly UmapEvent[]): UmapEvent[] =>
      events.map((event) => ({ ...event, seq: event.seq - (event.cpu === events[0]?.cpu ? 1 : 0) }));
    expect(judge(text, { change }).verdict).toBe('pass');
    const facts = withProbe({ event: 'snapshot_vma', attached: false, reason: 'the iterator is not safe' });
    const without = judge(text, { change, facts });
    expect(without.verdict).toBe('inconclusive');
    expect(without.missing[0]?.what).toMatch(/U1.* was open before the trace began/);
  });

  test.each<UmapEvent['what']>(['remove_begin', 'teardown_begin', 'zapping_begin'])(
    'is inconclusive when an entry is missing whose return came, even unnoticed: %s',
    (what) => {
      const change = (events: readonly UmapEvent[]): UmapEvent[] => {
        const seqs = new Map<number, number>();
        return events
          .filter((event) => event.what !== what)
          .map((event) => {
            const seq = (seqs.get(event.cpu) ?? 0) + 1;
            seqs.set(event.cpu, seq);
            return { ...event, seq };
          });
      };
      expect(judge(GOOD, { change }).verdict).toBe('inconclusive');
    },
  );

  describe('where the recording itself was damaged', () => {
    const closed = 'P1 open U1 | P1 mmap A 4p | P1 mmap B 4p | P1 munmap A 4p | remove';
    /** The close was told by another CPU than all else, and is the last that this one had to tell. */
    const unheard = (events: readonly UmapEvent[]) =>
      renumber(events.filter(({ what }) => what !== 'umap_close'));
    const unclosed = (facts: Partial<RecordingFacts>) =>
      judge(closed, { change: unheard, facts: { ...WHOLE, ...facts } });

    test('a line that could not be read can explain a violation', () => {
      expect(unclosed({}).verdict).toBe('violation');
      const { verdict, missing } = unclosed({ unreadable: 1 });
      expect(verdict).toBe('inconclusive');
      expect(missing.some(({ what }) => what.includes('(1 line could not be read)'))).toBe(true);
    });

    test('what a recording without an end lacks can explain a violation of its last second, and no earlier one', () => {
      expect(unclosed({ ended: false }).verdict).toBe('inconclusive');
      const longer = judge(`${closed}${' | P1 open U2 | P1 close U2'.repeat(60)}`, {
        change: unheard,
        facts: { ...WHOLE, ended: false, unreadable: 1 },
      });
      expect(longer.verdict).toBe('violation');
    });
  });

  test('keeps a violation that nothing missed can explain', () => {
    const text = 'P1 open U1 | P1 mmap A 1p stillborn | P2 open U2 | P2 mmap B 1p U2 | P2 exit';
    const change = lost((event) => event.what === 'umap_close');
    expect(judge(text, { change }).verdict).toBe('violation');
    expect(judge(text, { change, facts: { ...WHOLE, missed: { rdma_umap_open: 1 } } }).verdict).toBe(
      'inconclusive',
    );
  });

  test('a map that was full can explain a violation, however many events are known to be lost elsewhere', () => {
    const text = 'P1 open U1 | P1 mmap A 1p stillborn | P2 open U2 | P2 mmap B 1p U2 | P2 exit';
    const change = lost((event) => event.what === 'umap_close');
    expect(judge(text, { change, facts: { ...WHOLE, lost: 1 } }).verdict).toBe('violation');
    const outcome = judge(text, { change, facts: { ...WHOLE, lost: 1, unkept: 1 } });
    expect(outcome.verdict).toBe('inconclusive');
    expect(outcome.missing.some(({ what }) => what.includes('1 return not told at moments'))).toBe(true);
  });
});

test.each(EVENTS.map(({ name }) => name))('is never a violation for want of the probe of %s', (name) => {
  const texts = [
    `${TWO} remove | P2 touch A | P2 munmap A 4p | P1 exit | P2 exit`,
    `${TWO} reset | P1 mmap C 1p | P2 touch A | reset | P1 munmap C 1p | P2 munmap B 1p | P1 close U1 | P1 exit | P2 exit`,
    'P1 open U1 | P1 mmap A 4p | P1 mremap A 4p B | P1 munmap B 1p | removing | P1 mmap C 2p refused | removed | P1 exit',
  ];
  const change = (events: readonly UmapEvent[]): UmapEvent[] =>
    renumber(events.filter(({ what }) => what !== name));
  const facts = withProbe({ event: name, attached: false, reason: 'bpftrace refused it' });
  for (const text of texts)
    for (const order of ['new', 'old'] as const)
      expect(judge(text, { change, facts, order }).verdict).not.toBe('violation');
});
