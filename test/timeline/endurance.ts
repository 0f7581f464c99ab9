/**
 * Many events with few VMAs alive: memory must follow what is alive.
 * Usage: endurance.ts EVENTS ALIVE; prints one JSON object.
 */
import { readFileSync } from 'node:fs';
import type { UmapEvent } from '../../src/event/events.gen.ts';
import { Reorder } from '../../src/timeline/reorder.ts';
import { Sequence } from '../../src/timeline/sequence.ts';
import { Timeline } from '../../src/timeline/timeline.ts';

const [total = 5_000_000, alive = 1000] = process.argv.slice(2).map(Number);
const PAGE = 4096;
const UFILES = 64;
const PROCESSES = 50;
const CPUS = 8;

const seqs = new Array<number>(CPUS).fill(0);
let n = 0;

/** Counts the next event of the slot's CPU. */
function next(slot: number): number {
  n += 1;
  const seq = (seqs[slot % CPUS] ?? 0) + 1;
  seqs[slot % CPUS] = seq;
  return seq;
}

const pid = (slot: number): number => 1000 + (slot % PROCESSES);

const pointer = (kind: number, slot: number): string =>
  `ffff8881${((kind << 24) | slot).toString(16).padStart(8, '0')}`;
const start = (slot: number): number => 0x7f00_0000_0000 + slot * 16 * PAGE;
const ufile = (slot: number): string => pointer(4, slot % UFILES);
const mm = (slot: number): string => pointer(3, slot % PROCESSES);

/** What every event of the slot has. */
const told = (slot: number) => ({
  seq: next(slot),
  n,
  ns: n * 500,
  cpu: slot % CPUS,
  pid: pid(slot),
  tid: pid(slot),
  comm: 'worker',
});

const open = (slot: number): UmapEvent => ({
  what: 'ufile_open',
  ...told(slot),
  ret: 0,
  ufile: ufile(slot),
  rdev: 1,
  cgroup: 1 + slot,
});

const mmap = (slot: number): UmapEvent => ({
  what: 'mmap_io',
  owner: pid(slot),
  cgroup: 1 + slot,
  ...told(slot),
  ret: 0,
  ufile: ufile(slot),
  rdev: 1,
  vma: pointer(1, slot),
  mm: mm(slot),
  start: start(slot),
  end: start(slot) + 4 * PAGE,
  pgoff: slot * 4,
  flags: '40444fb',
  pfn: slot,
  size: 4 * PAGE,
  umap: pointer(2, slot),
  ucontext: '1',
});

/** munmap of the high half as 6.12 tells it: what stays is a copy. */
const split = (slot: number): UmapEvent => ({
  what: 'umap_open',
  ...told(slot),
  vma: pointer(5, slot),
  mm: mm(slot),
  start: start(slot),
  end: start(slot) + 2 * PAGE,
  pgoff: slot * 4,
  flags: '40444fb',
  umap: pointer(6, slot),
  inherited: pointer(2, slot),
  parent: pointer(1, slot),
  pmm: mm(slot),
  pstart: start(slot),
  pend: start(slot) + 4 * PAGE,
  ufile: ufile(slot),
});

const close = (slot: number, copy: boolean): UmapEvent => ({
  what: 'umap_close',
  ...told(slot),
  vma: pointer(copy ? 5 : 1, slot),
  mm: mm(slot),
  start: start(slot) + (copy ? 0 : 2 * PAGE),
  end: start(slot) + (copy ? 2 : 4) * PAGE,
  umap: pointer(copy ? 6 : 2, slot),
  users: 1,
  ufile: ufile(slot),
});

/** Every slot is mapped, cut, and unmapped again, on and on, when its turn comes. */
function* events(): Generator<UmapEvent> {
  for (let slot = 0; slot < UFILES; slot += 1) yield open(slot);
  for (let i = 0; n < total; i += 1) {
    const slot = i % alive;
    if (i >= alive) yield close(slot, true);
    yield mmap(slot);
    yield split(slot);
    yield close(slot, false);
  }
}

/** Takes all events; ms. */
function time(take: (event: UmapEvent) => void): number {
  seqs.fill(0);
  n = 0;
  const began = performance.now();
  for (const event of events()) take(event);
  return performance.now() - began;
}

const timeline = new Timeline();
const reorder = new Reorder<UmapEvent>(50_000);
const sequence = new Sequence();
let mismatches = 0;
let sum = 0;

const made = time((event) => {
  sum += event.ns;
});
const applied = time((event) => {
  sequence.see(event);
  for (const one of reorder.push(event)) {
    for (const change of timeline.apply(one)) if (change.what === 'mismatch') mismatches += 1;
  }
});
for (const event of reorder.flush()) timeline.apply(event);

const [, hwm = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
const result = {
  events: n,
  live: timeline.live().length,
  mismatches,
  hwmMb: Math.round(Number(hwm) / 1024),
  perSecond: Math.round(n / ((applied - made) / 1000)),
  made: Math.round(n / (made / 1000)),
  checked: sum > 0,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
