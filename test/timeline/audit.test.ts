import { describe, expect, test } from 'vitest';
import type { AuditEvent, UmapEvent } from '../../src/event/events.gen.ts';
import { AuditDue } from '../../src/timeline/audit-due.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { draw, events } from './sketch.ts';

const FORK = 'P1 open U1 | P1 mmap A 4p | removing | P1 fork P2 | removed';
const MOVE = 'P1 open U1 | P1 mmap A 4p | removing | P1 mremap A 4p B | removed';

const audits = (text: string): string[] =>
  draw(text)
    .story.split(' | ')
    .filter((step) => step.startsWith('audit'));

type Change = (event: UmapEvent, all: readonly UmapEvent[]) => UmapEvent;

/** Audits that differ in that way. */
const differ =
  (change: Partial<AuditEvent>): Change =>
  (event) =>
    event.what === 'audit' ? { ...event, ...change } : event;

/** The page tables were read when the last event of that kind came, but for so many ns. */
const readAt =
  (what: UmapEvent['what'], ns: number): Change =>
  (event, all) => {
    const then = all.findLast((other) => other.what === what)?.ns ?? 0;
    return event.what === 'audit' ? { ...event, age: event.ns - then - ns } : event;
  };

/** What is told of page tables, when each event is changed: the VMA, pages of the device, unknown ones, its state. */
function told(text: string, change: Change): string[] {
  const timeline = new Timeline();
  return events(text)
    .map((event, _, all) => change(event, all))
    .toSorted((a, b) => a.ns - b.ns)
    .flatMap((event) => timeline.apply(event))
    .flatMap((one) =>
      one.what === 'vma-audited' ? [`${one.vma.id} ${one.device} ${one.unknown} ${one.vma.state}`] : [],
    );
}

describe('the page tables after a disassociation', () => {
  test('a copy made in the window of a teardown has escaped; what was zapped is clear', () => {
    const { live } = draw(`${FORK} | audit`);
    expect(audits(`${FORK} | audit`)).toEqual(['audit V1 0 of 4', 'audit V2 4 of 4']);
    expect(live).toBe('P1 A 4p V1 zapped | P2 A 4p V2 fork<V1 escaped untracked');
    expect(draw(`${MOVE} | audit`).live).toBe('P1 B 4p V2 mremap<V1 escaped untracked');
  });

  test('a grandchild is held to have escaped, as its parent has, and is read again', () => {
    expect(audits(`${FORK} | audit | P2 fork P3 | audit`)).toContain('audit V3 4 of 4');
  });

  test('5.10 and 6.1 zap what fork has copied: what was unknown is known to be zapped', () => {
    expect(draw(FORK, 'old').live).toContain('V2 fork<V1 unknown');
    expect(draw(`${FORK} | audit`, 'old').live).toContain('V2 fork<V1 zapped');
  });

  test('before a disassociation, and after a reset, mappings are right', () => {
    expect(audits('P1 open U1 | P1 mmap A 4p | audit')).toEqual([]);
    expect(audits('P1 open U1 | P1 mmap A 4p | removing | audit')).toEqual([]);
    const again = 'P1 open U1 | P1 mmap A 4p | reset | P1 mmap B 2p | P1 fork P2 | audit';
    expect(audits(again)).toEqual(['audit V1 0 of 4', 'audit V3 0 of 4']);
    expect(draw(again).live).toContain('P1 B 2p V2 |');
  });

  test('the memory of a driver is not of interest', () => {
    expect(audits('P1 open U1 | P1 mmap A 4p siw | remove | audit')).toEqual([]);
  });

  test('a reading from before the end of the disassociation, or of another VMA, counts for nothing', () => {
    expect(told(`${FORK} | audit`, differ({}))).toEqual(['V1 0 0 zapped', 'V2 4 0 escaped']);
    expect(told(`${FORK} | audit`, differ({ age: 1e6 }))).toEqual([]);
    expect(told(`${FORK} | audit`, differ({ ufile: 'ffff' }))).toEqual([]);
    expect(told(`${FORK} | audit`, differ({ end: 0 }))).toEqual([]);
  });

  test('a reading that was told long after counts from when it was made', () => {
    expect(told(`${FORK} | audit`, readAt('zapping_end', -1))).toEqual([]);
    expect(told(`${FORK} | audit`, readAt('zapping_end', 0))).toHaveLength(2);
    const later = 'P1 open U1 | P1 mmap A 4p | remove | P1 fork P2 | audit';
    expect(told(later, readAt('umap_open', -1))).toEqual(['V1 0 0 zapped']);
    expect(told(later, readAt('umap_open', 0))).toEqual(['V1 0 0 zapped', 'V2 0 0 zapped']);
    const timeline = new Timeline();
    const delays = events(`${FORK} | audit`)
      .flatMap((event, _, all) => timeline.apply(readAt('zapping_end', 1)(event, all)))
      .flatMap((one) => (one.what === 'vma-audited' ? [one.delay] : []));
    expect(delays).toEqual([1, 1]);
  });

  test('what a reset zapped is due, also when it was mapped after that had begun', () => {
    const late: Change = (event, all) => {
      const begun = all.find(({ what }) => what === 'zapping_begin')?.ns ?? 0;
      const [, second] = all.filter(({ what }) => what === 'mmap_io');
      return event === second ? { ...event, ns: begun + 0.5 } : event;
    };
    const text = 'P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | reset | P1 mmap C 1p | audit';
    expect(told(text, late)).toEqual(['V1 0 0 zapped', 'V2 0 0 zapped']);
    // So is a copy of it.
    const copied = 'P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | reset | P1 fork P2 | audit';
    const all = ['V1', 'V2', 'V3', 'V4'].map((id) => `${id} 0 0 zapped`);
    expect(told(copied, late)).toEqual(all);
  });

  test('a copy of what was there before a reset that missed it is due', () => {
    const unzapped: Change = (event) => {
      if (event.what !== 'zap') return event;
      const { n, ns, cpu, seq, pid, tid, comm } = event;
      return { what: 'ready', n, ns, cpu, seq, pid, tid, comm, probe: 0 };
    };
    const copied = 'P1 open U1 | P1 mmap A 4p | reset | P1 fork P2 | audit';
    expect(told(copied, unzapped)).toEqual(['V1 0 0 zapped', 'V2 0 0 zapped']);
  });

  test('what an earlier reset zapped stays zapped by that', () => {
    const timeline = new Timeline();
    for (const event of events('P1 open U1 | P1 mmap A 4p | reset | P1 mmap B 1p | reset | audit'))
      timeline.apply(event);
    expect(timeline.live().map(({ id, zappedBy }) => [id, zappedBy])).toEqual([
      ['V1', 'D1'],
      ['V2', 'D2'],
    ]);
  });

  test('a walk that is not proven leaves all as it was', () => {
    expect(told(`${FORK} | audit`, differ({ proven: 0 }))).toEqual(['V1 0 4 zapped', 'V2 0 4 unknown']);
  });
});

/** After which events of a sketch an audit is due, by the change that made it so. */
function due(text: string): string[] {
  const timeline = new Timeline();
  const watch = new AuditDue();
  return events(text).flatMap((event) => {
    for (const change of timeline.apply(event)) watch.see(change);
    return watch.take(event.ns) ? [event.what] : [];
  });
}

describe('when an audit is due', () => {
  test('in 5 s, also when nothing happens, when the end of a copy is not seen', () => {
    const timeline = new Timeline();
    const watch = new AuditDue();
    const all = events(FORK).filter(({ what }) => what !== 'fork');
    for (const event of all) for (const change of timeline.apply(event)) watch.see(change);
    const born = all.find(({ what }) => what === 'umap_open')?.ns ?? 0;
    expect(watch.take(born + 4.9e9)).toBe(false);
    expect(watch.take(born + 5e9)).toBe(true);
    expect(watch.take(born + 6e9)).toBe(false);
  });

  test('at the end of a disassociation of something that is mapped', () => {
    expect(due('P1 open U1 | P1 mmap A 4p | remove')).toEqual(['zapping_end']);
    expect(due('P1 open U1 | P1 mmap A 4p siw | remove')).toEqual([]);
    expect(due('P1 open U1 | P1 mmap A 4p | P1 munmap A 4p | remove')).toEqual([]);
    expect(due(FORK)).toEqual(['zapping_end']);
  });

  test('not for copies of what was revoked', () => {
    expect(due('P1 open U1 | P1 mmap A 4p | remove | P1 fork P2 | P1 mremap A 4p B')).toEqual([
      'zapping_end',
    ]);
  });

  test('again when a copy of an escaped VMA is complete', () => {
    expect(due(`${FORK} | audit | P2 fork P3`)).toEqual(['zapping_end', 'fork']);
    expect(due(`${FORK} | audit | P2 mremap A 4p B`)).toEqual(['zapping_end', 'umap_close']);
  });
});
