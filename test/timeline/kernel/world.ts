import { Kernel } from './kernel.ts';
import { type MmapFailure, type MmapHow, mmap } from './mmap.ts';
import { type KernelOrder, PAGE, type Process, type Task, type Ufile, type Vma } from './objects.ts';
import { Removal, reset } from './removal.ts';

/** One random operation: which, and numbers that choose its arguments. */
type Op = readonly [which: number, a: number, b: number, c: number, d: number];

/** Five numbers below 1024, well mixed, of one below 2^32. */
function op(number: number): Op {
  let state = number >>> 0;
  const next = (): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) >>> 0;
    return (state >>> 12) & 0x3ff;
  };
  return [next(), next(), next(), next(), next()];
}

const BASE = 0x7f00_0000_0000;
const PAGES = 40;
const MOST_PROCESSES = 6;
const MOST_UFILES = 5;
const ODD_WINDOW = 3;

type Do = (world: World, current: Task, process: Process, op: Op) => void;

const choose = <T>(of: readonly T[], by: number): T | undefined => of[by % of.length];

/** A kernel and the processes that random operations are done by. */
export class World {
  readonly kernel: Kernel;
  removal: Removal | null = null;
  #pids = 100;
  #removers = 900;

  /** @param seen whether the trace has begun */
  constructor(order: KernelOrder, seen = true) {
    this.kernel = new Kernel(order);
    this.kernel.log.seen = seen;
    const device = this.kernel.devices[0];
    if (device !== undefined) this.kernel.open(this.pid(), device);
  }

  pid(): number {
    this.#pids += 1;
    return this.#pids;
  }

  /** A thread of a driver or of an administrator. */
  remover(): number {
    this.#removers += 1;
    return this.#removers;
  }

  /** Does one operation, chosen by a number below 2^32, if it can be done now. */
  step(number: number): void {
    const chosen = op(number);
    const [which, a, b] = chosen;
    const { processes } = this.kernel;
    const process = choose([...processes.values()], a) ?? this.kernel.process(this.pid());
    const tid = b % 5 === 0 ? process.pid * 1000 + 2 : process.pid;
    choose(OPS, which)?.(this, this.kernel.task(process.pid, tid), process, chosen);
  }

  /** All processes exit and removals end: nothing is left alive. */
  end(): void {
    this.removal?.finish();
    for (const pid of [...this.kernel.processes.keys()]) this.kernel.exit(this.kernel.task(pid));
  }

  /** VMAs of all processes. */
  vmas(): Vma[] {
    const mms = new Set([...this.kernel.processes.values()].map(({ mm }) => mm));
    return [...mms].flatMap((mm) => mm.vmas);
  }
}

const at = (page: number): number => BASE + (page % PAGES) * PAGE;
const size = (pages: number): number => 1 + (pages % 7);

const ufileOf = ({ fds }: Process, by: number): Ufile | undefined => choose(fds, by);

const open: Do = ({ kernel }, _current, { pid }, [, , , c]) => {
  const device = choose(kernel.devices, c % 3 === 0 ? 1 : 0);
  if (kernel.ufiles.size < MOST_UFILES && device !== undefined) kernel.open(pid, device);
};

const close: Do = ({ kernel }, _current, process, [, , , c]) => {
  const ufile = ufileOf(process, c);
  if (ufile !== undefined && process.fds.length > 1) kernel.close(process.pid, ufile);
};

const hand: Do = ({ kernel }, _current, process, [, , , c, d]) => {
  const ufile = ufileOf(process, c);
  const other = choose([...kernel.processes.values()], d);
  if (ufile === undefined || other === undefined || other.fds.includes(ufile)) return;
  other.fds.push(ufile);
  ufile.files += 1;
};

const map =
  (how: MmapHow, failure?: MmapFailure): Do =>
  ({ kernel }, current, process, [, , b, c, d]) => {
    const ufile = ufileOf(process, b);
    if (ufile !== undefined) mmap(kernel, current, { ufile, start: at(c), pages: size(d), how, failure });
  };

/** A range that has something to do with a VMA of the process, mostly. */
function aim({ mm }: Process, [, , b, c, d]: Op): { start: number; pages: number } {
  const vma = choose(mm.vmas, b);
  if (vma === undefined || d % 8 === 0) return { start: at(c), pages: size(d) * 2 };
  const pages = (vma.end - vma.start) / PAGE;
  const from = c % 3 === 0 ? 0 : c % pages;
  const length = d % 3 === 0 ? pages - from : 1 + (d % (pages - from));
  return { start: vma.start + from * PAGE, pages: length };
}

const munmap =
  (failure?: 'split'): Do =>
  ({ kernel }, current, process, op) => {
    const { start, pages } = aim(process, op);
    kernel.munmap(current, start, pages, failure);
  };

const modify =
  (how: 'mprotect' | 'dontfork'): Do =>
  ({ kernel }, current, process, op) => {
    const { start, pages } = aim(process, op);
    kernel[how](current, start, pages);
  };

const mremap =
  (how: 'mremap' | 'mremapMany', failure?: 'split' | 'link' | 'tables'): Do =>
  ({ kernel }, current, process, op) => {
    const { start, pages } = aim(process, op);
    const to = at(op[3] * 3 + op[4] * 5);
    const end = to + pages * PAGE;
    if (to < start + pages * PAGE && end > start) return;
    if (how === 'mremapMany') kernel.mremapMany(current, start, pages, to);
    else kernel.mremap(current, start, pages, to, failure);
  };

const fork =
  (most?: (d: number) => number): Do =>
  (world, current, _process, [, , , , d]) => {
    if (world.kernel.processes.size < MOST_PROCESSES) world.kernel.fork(current, world.pid(), most?.(d));
  };

const clone: Do = (world, _current, { pid }) => {
  if (world.kernel.processes.size < MOST_PROCESSES) world.kernel.cloneVm(pid, world.pid());
};

const exec: Do = ({ kernel }, current) => kernel.exec(current);

const exit: Do = ({ kernel }, current, _process, [, , , c, d]) => {
  if (kernel.processes.size < 2) return;
  const other = choose([...kernel.processes.keys()], c) ?? current.pid;
  kernel.exit(current, d % 2 === 0 ? kernel.task(other) : current);
};

const touch: Do = ({ kernel }, current, process, op) => kernel.touch(current, aim(process, op).start);

const removing: Do = (world, _current, _process, [, , , c]) => {
  const device = choose(world.kernel.devices, c);
  if (world.removal?.done === false || device === undefined) return;
  world.removal = new Removal(world.kernel, world.remover(), device);
};

const removed: Do = ({ removal }, _current, _process, [, , , c]) => {
  if (c % ODD_WINDOW === 0) removal?.finish();
  else removal?.step();
};

const resetAll: Do = (world, _current, _process, [, , , c]) => {
  const device = choose(world.kernel.devices, c);
  if (world.removal?.done !== false && device !== undefined) reset(world.kernel, world.remover(), device);
};

const times = (count: number, what: Do): Do[] => Array.from({ length: count }, () => what);

const OPS: readonly Do[] = [
  ...times(3, open),
  close,
  ...times(2, hand),
  ...times(8, map('io')),
  ...times(3, map('siw')),
  ...times(3, map('rxe')),
  map('rxe-inlined'),
  map('io', 'refused'),
  map('io', 'stillborn'),
  map('rxe', 'early'),
  ...times(10, munmap()),
  munmap('split'),
  ...times(5, modify('mprotect')),
  ...times(2, modify('dontfork')),
  ...times(8, mremap('mremap')),
  ...times(3, mremap('mremapMany')),
  mremap('mremap', 'link'),
  mremap('mremap', 'tables'),
  mremap('mremap', 'split'),
  ...times(6, fork()),
  fork((d) => d % 4),
  fork(() => 99),
  clone,
  exec,
  ...times(3, exit),
  ...times(4, touch),
  ...times(2, removing),
  ...times(3, removed),
  resetAll,
];
