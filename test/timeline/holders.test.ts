import { expect, test } from 'vitest';
import { Holders } from '../../src/timeline/holders.ts';
import type { Change, Ufile } from '../../src/timeline/model.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { events } from './sketch.ts';

/** Two ufiles, a VMA of P1, and what a listing of descriptors tells of them. @param end what comes later */
function listing(end = '') {
  const timeline = new Timeline();
  const text = `P1 open U1 | P1 mmap A 1p U1 | P2 open U2 ${end}`;
  const told = events(text).flatMap((event) => timeline.apply(event));
  const opened = told.flatMap((change) => (change.what === 'ufile-opened' ? [change] : []));
  const [first, second] = opened;
  if (first === undefined || second === undefined) throw new Error('no ufiles');
  const held = (ufile: Ufile, pid: number, fd: number, ns: number): Change => ({
    what: 'ufile-held',
    event: {
      ...{ what: 'snapshot_fd', n: 0, seq: 0, cpu: 0, ns, pid, tid: pid, comm: `p${pid}` },
      ...{ fd, file: '1', ufile: ufile.pointer, rdev: 0, cgroup: 0 },
    },
    ufile,
    fd,
    cgroup: null,
  });
  return { one: first.ufile, two: second.ufile, told, held };
}

test('tells who has descriptors and who has VMAs, by pid', () => {
  const { one, two, held } = listing();
  const holders = new Holders();
  expect(holders.listed).toBe(Number.NEGATIVE_INFINITY);
  for (const change of [held(one, 7, 3, 1e9), held(one, 7, 4, 1e9), held(two, 2, 5, 1e9)])
    holders.see(change);
  expect(holders.of(one)).toEqual([
    { pid: 1, comm: 'p1', fds: [], vmas: 1 },
    { pid: 7, comm: 'p7', fds: [3, 4], vmas: 0 },
  ]);
  expect(holders.listed).toBe(1e9);
  expect([holders.onlyOf(7, one), holders.onlyOf(7, two), holders.onlyOf(9, one)]).toEqual([
    true,
    false,
    false,
  ]);
  holders.see(held(two, 7, 6, 1.5e9));
  expect(holders.onlyOf(7, one)).toBe(false);
});

test('a list that comes more than a second later is a new one', () => {
  const { one, held } = listing();
  const holders = new Holders();
  const fds = () => holders.of(one).flatMap((holder) => holder.fds);
  for (const ns of [0, 1e9]) holders.see(held(one, 7, 3 + ns / 1e9, ns));
  expect(fds()).toEqual([3, 4]);
  holders.see(held(one, 7, 9, 2e9 + 1));
  expect(fds()).toEqual([9]);
});

test.each(['ufile-closed', 'ufile-freed'])('nobody has descriptors of a ufile after %s', (what) => {
  const { one, told, held } = listing('| P1 exit');
  const holders = new Holders();
  holders.see(held(one, 7, 3, 0));
  expect(holders.of(one)).toHaveLength(1);
  const end = told.find((change) => change.what === what);
  if (end === undefined) throw new Error(`no ${what}`);
  holders.see(end);
  expect(holders.of(one)).toEqual([]);
});
