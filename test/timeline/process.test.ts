import { describe, expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import type { KernelOrder } from './kernel/objects.ts';
import { picture } from './print.ts';
import { draw, events } from './sketch.ts';

describe.each<KernelOrder>(['old', 'new'])('processes, %s order', (order) => {
  const live = (text: string): string => {
    const drawn = draw(text, order);
    expect(drawn.mismatches).toEqual([]);
    return drawn.live;
  };

  test('fork: the VMAs are of the child', () => {
    expect(live('P1 open U1 | P1 mmap A 4p | P1 fork P2')).toBe('P1 A 4p V1 | P2 A 4p V2 fork<V1');
  });

  test('fork of fork, and the one between exits', () => {
    expect(live('P1 open U1 | P1 mmap A 4p | P1 fork P2 | P2 fork P3 | P2 exit')).toBe(
      'P1 A 4p V1 | P3 A 4p V3 fork<V2',
    );
  });

  test('fork is told while the child has no pid yet', () => {
    const { story } = draw('P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | P1 fork P2', order);
    expect(story).toBe(
      'P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | V3 fork<V1 A 4p | V4 fork<V2 B 1p | P1 fork P2',
    );
  });

  test.each(['fails 1', 'fails'])('fork that fails (%s): copies come and go in the parent', (how) => {
    expect(live(`P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | P1 fork P2 ${how}`)).toBe(
      'P1 A 4p V1 | P1 B 1p V2',
    );
  });

  test('a fork after one that failed, in the same mm pointer', () => {
    expect(live('P1 open U1 | P1 mmap A 4p | P1 fork P2 fails | P1 fork P3')).toBe(
      'P1 A 4p V1 | P3 A 4p V3 fork<V1',
    );
  });

  test.each(['mmap B 1p', 'munmap A 1p', 'fork P3'])('fork that is not told: %s names the child', (step) => {
    const timeline = new Timeline();
    for (const event of events(`P1 open U1 | P1 mmap A 4p | P1 fork P2 | P2 ${step}`, order)) {
      if (event.what !== 'fork') timeline.apply(event);
    }
    expect(picture(timeline)).toContain('P2 A');
  });

  test('vfork, CLONE_VM: one mm, named after its first user', () => {
    const text = 'P1 open U1 | P1 mmap A 2p | P1 clone P2 | P2 mmap B 2p';
    expect(live(text)).toBe('P1 A 2p V1 | P1 B 2p V2');
    expect(live(`${text} | P2 exit`)).toBe('P1 A 2p V1 | P1 B 2p V2');
    expect(live(`${text} | P1 exit | P2 exit`)).toBe('');
  });

  test('a vfork child does not take the mm over, even if it is told as a fork', () => {
    // Seen on 6.12: fork fails, its mm comes back as the process's own by exec, then vfork.
    const timeline = new Timeline();
    const told = events('P1 open U1 | P1 mmap A 2p | P1 fork P3 | P1 clone P2 | P2 mmap B 2p', order);
    const mm = told.find((event) => event.what === 'mmap_io')?.mm ?? '';
    for (const event of told) {
      const changes = timeline.apply(event.what === 'fork' ? { ...event, mm, child: 2 } : event);
      expect(changes.map(({ what }) => what)).not.toContain('mismatch');
    }
    expect(picture(timeline)).toContain('P1 B 2p');
  });

  test('fork by a process that shares its mm', () => {
    expect(live('P1 open U1 | P1 mmap A 2p rxe | P1 clone P2 | P2 fork P3')).toBe(
      'P1 A 2p V1 untracked | P3 A 2p V2 fork<V1 untracked',
    );
  });

  test('threads', () => {
    expect(live('P1 open U1 | P1.2 mmap A 4p | P1.3 munmap A+2 2p | P1.2 fork P2 | P1 exit')).toMatch(
      /^P2 A 2p V\d fork<V\d$/,
    );
  });

  test.each(['P1', 'P1.2'])('exec by %s: the old mm goes, the pid stays', (who) => {
    expect(live(`P1 open U1 | P1 mmap A 4p | ${who} exec | P1 mmap B 1p`)).toBe('P1 B 1p V2');
  });

  test('exec of a child that shares the mm takes nothing away', () => {
    expect(live('P1 open U1 | P1 mmap A 4p | P1 clone P2 | P2 exec | P2 mmap C 1p')).toBe(
      'P1 A 4p V1 | P2 C 1p V2',
    );
  });

  test('closes that run in a foreign process', () => {
    const { story, live: left } = draw('P1 open U1 | P1 mmap A 4p | P7 open U2 | P1 exit by P7', order);
    expect(left).toBe('');
    expect(story).toBe('P1 open U1 | P1 mmap A 4p | P7 open U2 | P7 munmap A 4p | P1 close U1');
  });

  test('a mapping holds the ufile when the fd is gone', () => {
    const { story } = draw('P1 open U1 | P1 mmap A 4p | P1 close U1 | P1 munmap A 4p', order);
    expect(story).toBe('P1 open U1 | P1 mmap A 4p | P1 munmap A 4p | P1 close U1');
  });

  test('exit while a child holds the fd', () => {
    expect(live('P1 open U1 | P1 fork P2 | P1 exit | P2 mmap A 1p')).toBe('P2 A 1p V1');
  });

  test('pointers are recycled at once', () => {
    const text =
      'P1 open U1 | P1 mmap A 4p | P1 fork P2 | P2 exit | P1 fork P3 | P1 munmap A 4p | P1 mmap B 1p';
    expect(live(text)).toBe('P1 B 1p V4 | P3 A 4p V3 fork<V1');
    const ufiles = draw('P1 open U1 | P1 close U1 | P1 open U2 | P1 mmap A 1p U2', order);
    expect(ufiles.mismatches).toEqual([]);
    expect(ufiles.timeline.live().map(({ ufile }) => ufile.id)).toEqual(['U2']);
  });
});

/** The VMAs that end, with the pid of their mm, when the events are changed. */
function ends(text: string, change: (events: readonly UmapEvent[]) => readonly UmapEvent[]): string[] {
  const timeline = new Timeline();
  return change(events(text))
    .flatMap((event) => timeline.apply(event))
    .flatMap((one) => (one.what === 'vma-ended' ? [`${one.vma.id} of ${one.vma.mm.pid}`] : []));
}

test('who drops the last reference on an mm is not its process', () => {
  const text = 'P1 open U1 | P1 mmap A 4p | P1 fork P2 | P2 exit by P3';
  expect(ends(text, (all) => all)).toEqual(['V2 of 2']);
  expect(ends(text, (all) => all.filter(({ what }) => what !== 'fork'))).toEqual(['V2 of null']);
});

test('a process has the name of its main thread', () => {
  const timeline = new Timeline();
  const all = events('P1 open U1 | P1 mmap A 1p | P1 mmap B 1p').map((event, _, { length }) =>
    event.n < length ? event : { ...event, tid: event.pid + 1, comm: 'worker' },
  );
  for (const event of all) timeline.apply(event);
  expect(all.at(-1)).toMatchObject({ what: 'mmap_io', comm: 'worker' });
  expect(timeline.live().map(({ mm }) => mm.comm)).toEqual(['p1', 'p1']);
});
