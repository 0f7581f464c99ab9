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

/** What is told of a sketch whose audits are changed. */
function told(text: string, change: Partial<AuditEvent>): string[] {
  const timeline = new Timeline();
  const all = events(text).map(
    (event): UmapEvent => (event.what === 'audit' ? { ...event, ...change } : event),
  );
  return all
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
    expect(told(`${FORK} | audit`, {})).toEqual(['V1 0 0 zapped', 'V2 4 0 escaped']);
    expect(told(`${FORK} | audit`, { age: 1e6 })).toEqual([]);
    expect(told(`${FORK} | audit`, { ufile: 'ffff' })).toEqual([]);
    expect(told(`${FORK} | audit`, { end: 0 })).toEqual([]);
  });

  test('a walk that is not proven leaves all as it was', () => {
    expect(told(`${FORK} | audit`, { proven: 0 })).toEqual(['V1 0 4 zapped', 'V2 0 4 unknown']);
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
