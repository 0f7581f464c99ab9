import { describe, expect, test } from 'vitest';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { judge, WHOLE } from './judge.ts';

describe('lock-inversion', () => {
  const RESET = 'P1 open U1 | P1 mmap A 1p | P1 fork P2 | reset';
  const OPEN = ['rdma_umap_open', 'copy_process', 'do_syscall_64'];
  const MMAP = ['ib_uverbs_mmap', 'mmap_region', 'do_syscall_64'];
  const DISASSOCIATE = ['uverbs_user_mmap_disassociate', 'rdma_user_mmap_disassociate'];

  /** What umaptrace reads while a reset stands still: it is told a second after the last event. */
  const seen = (events: readonly UmapEvent[], pid: number, frames: readonly string[]): UmapEvent[] =>
    frames
      .map(
        (name, depth): UmapEvent => ({
          ...{ what: 'stack', n: 1000 + pid, ns: (events.at(-1)?.ns ?? 0) + 1e9 },
          ...{ cpu: 0, seq: 0, pid, tid: pid, comm: `p${pid}`, depth, function: name },
        }),
      )
      .reverse();
  const descriptor = (ns: number, pid: number, ufile: string): UmapEvent => ({
    ...{ what: 'snapshot_fd', n: 900 + pid, ns, cpu: 0, seq: 0 },
    ...{ pid, tid: pid, comm: `p${pid}`, ufile, rdev: 0xe7000c0, fd: 3, cgroup: 0 },
  });

  interface Told {
    readonly text?: string;
    readonly stacks: Readonly<Record<number, readonly string[]>>;
    /** The last event of the reset that was told. */
    readonly until?: UmapEvent['what'];
    readonly fds?: readonly (readonly [number, string])[];
    /** Whether the descriptors were listed before the reset. */
    readonly early?: boolean;
    readonly then?: (events: readonly UmapEvent[]) => UmapEvent[];
    readonly ended?: boolean;
    /** When the recording ends, ns. */
    readonly end?: number;
  }

  function verdict({ text = RESET, stacks, until = 'zap', fds = [], early = false, then, ...facts }: Told) {
    const change = (all: readonly UmapEvent[]): UmapEvent[] => {
      const events = all.slice(0, all.findIndex(({ what }) => what === until) + 1);
      const ufile = events.find((event) => event.what === 'ufile_open')?.ufile ?? '';
      const before = early ? events.findIndex(({ what }) => what === 'reset_begin') : events.length;
      const old = events.slice(0, before);
      const ns = (old.at(-1)?.ns ?? 0) + (early ? 0 : 9e8);
      return [
        ...old,
        ...fds.map(([pid, of]) => descriptor(ns, pid, of === 'U1' ? ufile : 'abc')),
        ...events.slice(before),
        ...Object.entries(stacks).flatMap(([pid, frames]) => seen(events, Number(pid), frames)),
        ...(then?.(events) ?? []),
      ];
    };
    const outcome = judge(text, { change, facts: { ...WHOLE, end: 60e9, ...facts } });
    return outcome.findings.filter(({ rule }) => rule === 'lock-inversion');
  }

  test('convicts a reset and a fork whose stacks show that each waits for the other', () => {
    const [finding] = verdict({ stacks: { 901: DISASSOCIATE, 2: OPEN } });
    expect(finding).toMatchObject({ severity: 'violation', ufile: 'U1' });
    expect(finding?.message).toMatch(/pid 901 .* for the mmap_lock of pid 2 .* in rdma_umap_open and waits/);
    expect(verdict({ stacks: { 901: DISASSOCIATE, 2: OPEN }, ended: false })).toHaveLength(1);
  });

  test('convicts a reset and an mmap, when the process has no other ufile', () => {
    const stacks = { 901: DISASSOCIATE, 2: ['mutex_lock', ...MMAP] };
    expect(verdict({ stacks, fds: [[2, 'U1']] })).toHaveLength(1);
    expect(
      verdict({
        stacks,
        fds: [
          [2, 'U1'],
          [2, 'U9'],
        ],
      }),
    ).toEqual([]);
    expect(verdict({ stacks })).toEqual([]);
  });

  test('wants both stacks, each in the right function, of a process that is waited for', () => {
    expect(verdict({ stacks: { 901: DISASSOCIATE } })).toEqual([]);
    expect(verdict({ stacks: { 2: OPEN } })).toEqual([]);
    expect(verdict({ stacks: { 901: ['msleep', ...DISASSOCIATE], 2: OPEN } })).toEqual([]);
    expect(verdict({ stacks: { 901: DISASSOCIATE, 2: ['kmalloc', ...OPEN] } })).toEqual([]);
    expect(verdict({ stacks: { 901: DISASSOCIATE, 7: OPEN } })).toEqual([]);
  });

  test('a thread that has told an event since does not wait any more', () => {
    const then = (events: readonly UmapEvent[]): UmapEvent[] => {
      const [open] = events.filter(({ what }) => what === 'umap_open');
      if (open?.what !== 'umap_open') return [];
      const seq = 1 + Math.max(...events.filter(({ cpu }) => cpu === open.cpu).map((event) => event.seq));
      return [{ ...open, ns: 9e9, tid: 2, pid: 2, seq, vma: 'ffff99', start: 0, end: 4096 }];
    };
    expect(verdict({ stacks: { 901: DISASSOCIATE, 2: OPEN }, then })).toEqual([]);
  });

  test('before the first zap, somebody else may have the lock', () => {
    const until = 'zapping_begin';
    const stacks = { 901: DISASSOCIATE, 2: OPEN };
    expect(verdict({ stacks, until })).toEqual([]);
    const all = { ...stacks, 1: ['do_wait', 'do_syscall_64'] };
    const fds: [number, string][] = [[2, 'U1']];
    expect(verdict({ stacks: all, until, fds })).toHaveLength(1);
    expect(verdict({ stacks: all, until })).toEqual([]);
    expect(verdict({ stacks: { ...all, 1: ['msleep', 'fix_mmap', ...MMAP] }, until, fds })).toEqual([]);
  });

  test('before the first zap, all who hold the ufile must have been looked at', () => {
    const stacks = { 901: DISASSOCIATE, 2: OPEN };
    expect(verdict({ stacks, until: 'zapping_begin', fds: [[2, 'U1']] })).toEqual([]);
  });

  test('does not go by descriptors that were listed before the reset', () => {
    const stacks = { 901: DISASSOCIATE, 2: MMAP };
    expect(verdict({ stacks, fds: [[2, 'U1']] })).toHaveLength(1);
    expect(verdict({ stacks, fds: [[2, 'U1']], early: true })).toEqual([]);
  });

  test('does not know which ufile a fork is about when the process maps two', () => {
    const text = 'P1 open U1 | P1 open U2 dev1 | P1 mmap A 1p U1 | P1 mmap B 1p U2 | P1 fork P2 | reset';
    expect(verdict({ text, stacks: { 901: DISASSOCIATE, 2: OPEN } })).toEqual([]);
  });

  test('is a deadlock only when it has stood for 5 s', () => {
    const stacks = { 901: DISASSOCIATE, 2: OPEN };
    expect(verdict({ stacks, end: 4e9 })).toEqual([]);
    expect(verdict({ stacks, end: 6e9 })).toHaveLength(1);
  });

  test('what umaptrace tells of a thread does not show that it went on', () => {
    const then = (): UmapEvent[] => [descriptor(9e9, 2, 'abc')];
    expect(verdict({ stacks: { 901: DISASSOCIATE, 2: OPEN }, then })).toHaveLength(1);
  });
});
