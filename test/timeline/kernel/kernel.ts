import type { UmapEvent } from '../../../src/event/events.gen.ts';
import { Log } from './log.ts';
import { type Failure, Memory } from './memory.ts';
import {
  cgroupOf,
  type Device,
  type KernelOrder,
  type Mm,
  PAGE,
  type Process,
  type Task,
  type Ufile,
} from './objects.ts';
import { Rdma } from './rdma.ts';
import { Slab } from './slab.ts';

/**
 * A small kernel that keeps processes, VMAs and ufiles as the real one does, and tells
 * what the probes would tell. It shares nothing with the engine but the event types.
 */
export class Kernel {
  readonly log = new Log();
  readonly rdma = new Rdma(this.log);
  readonly memory: Memory;
  readonly processes = new Map<number, Process>();
  readonly devices: Device[] = [];
  readonly ufiles = new Set<Ufile>();
  /** CPU that a task runs on. */
  cpuOf: (tid: number) => number = () => 0;
  readonly #mms = new Slab(0xffff_8881_3000_0000n);
  #offset = 0x1000;
  readonly #files = new Slab(0xffff_8881_4000_0000n);

  constructor(order: KernelOrder = 'new') {
    this.memory = new Memory(order, this.rdma, (current, ufile) => this.#fput(current, ufile));
    for (const i of [0, 1]) {
      this.devices.push({ pointer: `ffff88810000000${i}`, name: `rxe${i}`, rdev: (231 << 20) | (192 + i) });
    }
  }

  /** A fresh offset in the file, pages: the drivers give out each only once. */
  offset(pages: number): number {
    const offset = this.#offset;
    this.#offset += pages + 1;
    return offset;
  }

  get events(): readonly UmapEvent[] {
    return this.log.events;
  }

  /** The task that an event of this process is told by. */
  task(pid: number, tid = pid): Task {
    return { pid, tid, comm: `p${pid}`, cpu: this.cpuOf(tid) };
  }

  /** A process; the first time it is named it is made. */
  process(pid: number): Process {
    const known = this.processes.get(pid);
    if (known !== undefined) return known;
    const process = { pid, mm: this.#mm(pid), fds: [] };
    this.processes.set(pid, process);
    return process;
  }

  #mm(pid: number | null): Mm {
    return {
      pointer: this.#mms.alloc(),
      pids: new Set(pid === null ? [] : [pid]),
      owner: pid ?? 0,
      users: pid === null ? 0 : 1,
      vmas: [],
    };
  }

  /** ib_uverbs_open, and the ucontext. */
  open(pid: number, device: Device): Ufile {
    const ufile: Ufile = {
      pointer: this.#files.alloc(),
      device,
      ucontext: 'ffff888150000000',
      tearing: false,
      closing: null,
      files: 1,
      umaps: new Set(),
    };
    this.process(pid).fds.push(ufile);
    this.ufiles.add(ufile);
    this.log.tell(this.task(pid), {
      what: 'ufile_open',
      ret: 0,
      ufile: ufile.pointer,
      rdev: device.rdev,
      cgroup: cgroupOf(pid),
    });
    return ufile;
  }

  /** close, of one fd. */
  close(pid: number, ufile: Ufile): void {
    const { fds } = this.process(pid);
    const at = fds.indexOf(ufile);
    if (at < 0) return;
    fds.splice(at, 1);
    this.#fput(this.task(pid), ufile);
  }

  /** ib_uverbs_close at the last reference: teardown, for which a removal may have to be waited for. */
  #fput(current: Task, ufile: Ufile): void {
    ufile.files -= 1;
    if (ufile.files > 0) return;
    this.log.tell(current, { what: 'ufile_close', ufile: ufile.pointer });
    this.log.tell(current, { what: 'teardown_begin', ufile: ufile.pointer, reason: 1 });
    if (ufile.tearing) ufile.closing = current;
    else this.closed(current, ufile);
  }

  /** The rest of ib_uverbs_close: the ufile is torn down and freed. */
  closed(current: Task, ufile: Ufile): void {
    this.rdma.endUcontext(current, ufile);
    this.log.tell(current, { what: 'ufile_free', ufile: ufile.pointer });
    this.ufiles.delete(ufile);
    this.#files.free(ufile.pointer);
  }

  /** Touches a page: told when it has no page table entry, which a zapped VMA's has not. */
  touch(current: Task, address: number): void {
    const { mm } = this.process(current.pid);
    const vma = mm.vmas.find((one) => one.start <= address && one.end > address);
    if (vma?.ops === 'umap' && !vma.reaches) this.rdma.touch(current, vma, address);
  }

  /** fork. @param most copies before it fails (no memory, killed); failing after the last is the pids limit */
  fork(current: Task, child: number, most?: number): boolean {
    const parent = this.process(current.pid);
    const mm = this.#mm(null);
    const copied = this.memory.dup(current, parent.mm, mm, most);
    if (!copied || most !== undefined) {
      this.memory.exit(current, mm);
      this.#mms.free(mm.pointer);
      return false;
    }
    mm.users = 1;
    mm.pids.add(child);
    mm.owner = child;
    const fds = [...parent.fds];
    for (const ufile of fds) ufile.files += 1;
    this.processes.set(child, { pid: child, mm, fds });
    if (mm.vmas.length > 0)
      this.log.tell(current, { what: 'fork', mm: mm.pointer, child, cgroup: cgroupOf(child) });
    return true;
  }

  /** vfork, clone(CLONE_VM): a process in the same mm. */
  cloneVm(pid: number, child: number): void {
    const { mm, fds } = this.process(pid);
    mm.users += 1;
    mm.pids.add(child);
    for (const ufile of fds) ufile.files += 1;
    this.processes.set(child, { pid: child, mm, fds: [...fds] });
  }

  /** exec: a new mm in the same process; the old one goes unless others share it. */
  exec(current: Task): void {
    const process = this.process(current.pid);
    const old = process.mm;
    process.mm = this.#mm(current.pid);
    this.#passOn({ ...process, mm: old });
    this.#mmput(current, old);
  }

  /** exit. @param closer who drops the last reference on the mm, when not the process itself */
  exit(current: Task, closer: Task = current): void {
    const process = this.process(current.pid);
    this.processes.delete(current.pid);
    this.#passOn(process);
    this.#mmput(closer, process.mm);
    for (const ufile of process.fds) this.#fput(current, ufile);
  }

  /** mm_update_next_owner */
  #passOn({ pid, mm }: Process): void {
    const heir = [...this.processes.values()].find((other) => other.mm === mm && other.pid !== pid);
    if (mm.owner === pid && heir !== undefined) mm.owner = heir.pid;
  }

  #mmput(current: Task, mm: Mm): void {
    mm.users -= 1;
    if (mm.users > 0) return;
    this.memory.exit(current, mm);
    this.#mms.free(mm.pointer);
  }

  munmap(current: Task, start: number, pages: number, failure?: Failure): void {
    this.memory.munmap(current, this.process(current.pid).mm, start, start + pages * PAGE, failure);
  }

  /** mprotect of a range; returns nothing, but splits. */
  mprotect(current: Task, start: number, pages: number, failure?: Failure): void {
    this.memory.modify(current, this.process(current.pid).mm, start, start + pages * PAGE, failure);
  }

  /** madvise(MADV_DONTFORK) of a range. */
  dontfork(current: Task, start: number, pages: number): void {
    const { mm } = this.process(current.pid);
    for (const vma of this.memory.modify(current, mm, start, start + pages * PAGE)) vma.dontfork = true;
  }

  /** mremap; MREMAP_FIXED. */
  mremap(current: Task, start: number, pages: number, to: number, failure?: Failure): void {
    this.memory.move(current, this.process(current.pid).mm, start, start + pages * PAGE, to, failure);
  }

  /** mremap of several VMAs in one call (since 6.17), each to where it lies in the range. */
  mremapMany(current: Task, start: number, pages: number, to: number): void {
    const { mm } = this.process(current.pid);
    const end = start + pages * PAGE;
    for (let at = start; at < end; ) {
      const vma = mm.vmas.find((one) => one.end > at && one.start < end);
      if (vma === undefined) return;
      const from = Math.max(vma.start, at);
      at = Math.min(vma.end, end);
      this.memory.move(current, mm, from, at, to + from - start);
    }
  }

  /** The names of a device as user space reads them. */
  name({ rdev, name }: Device): void {
    const task = { pid: 1, tid: 1, comm: 'umaptrace', cpu: 0 };
    this.log.tell(task, { what: 'device', rdev, uverbs: `uverbs${rdev & 0x3f}`, name });
  }
}
