import { type KernelOrder, type Mm, PAGE, type Task, type Ufile, type Vma } from './objects.ts';
import type { Rdma } from './rdma.ts';
import { Slab } from './slab.ts';

/** How an operation fails. split: after vm_ops->open (6.1). link, tables: mremap, before and after linking. */
export type Failure = 'split' | 'link' | 'tables';

type Place = Pick<Vma, 'start' | 'end' | 'pgoff'>;

const byAddress = (a: Vma, b: Vma): number => a.start - b.start;

/** mm/mmap.c, mm/vma.c, mm/mremap.c: what becomes of VMAs that cannot be merged. */
export class Memory {
  readonly order: KernelOrder;
  readonly #rdma: Rdma;
  /** A VMA has let go of its struct file. */
  readonly #fput: (current: Task, ufile: Ufile) => void;
  readonly #vmas = new Slab(0xffff_8881_1000_0000n);

  constructor(order: KernelOrder, rdma: Rdma, fput: (current: Task, ufile: Ufile) => void) {
    this.order = order;
    this.#rdma = rdma;
    this.#fput = fput;
  }

  /** A new VMA, which is in no address space yet. */
  alloc(vma: Omit<Vma, 'pointer'>): Vma {
    return { ...vma, pointer: this.#vmas.alloc() };
  }

  /** vm_area_free */
  free(vma: Vma): void {
    this.#vmas.free(vma.pointer);
  }

  link(vma: Vma): void {
    vma.mm.vmas.push(vma);
    vma.mm.vmas.sort(byAddress);
  }

  /** vm_area_dup, and vm_ops->open. */
  #copy(current: Task, parent: Vma, mm: Mm, cause: 'fork' | 'split' | 'mremap', place: Place): Vma {
    const shift = place.pgoff - parent.pgoff;
    const pfn = parent.pfn === null ? null : parent.pfn + shift;
    const vma = this.alloc({ ...parent, ...place, mm, parent, cause, pfn, umap: null, born: 0 });
    this.#rdma.open(current, vma, parent);
    return vma;
  }

  /** __split_vma; false when it failed. */
  #split(current: Task, vma: Vma, addr: number, below: boolean, failure?: Failure): boolean {
    const shift = (addr - vma.start) / PAGE;
    const { start, end, pgoff } = vma;
    const place = below ? { start, end: addr, pgoff } : { start: addr, end, pgoff: pgoff + shift };
    const copy = this.#copy(current, vma, vma.mm, 'split', place);
    if (failure === 'split' && this.order === 'old') {
      this.#remove(current, copy, true);
      return false;
    }
    if (below) {
      vma.start = addr;
      vma.pgoff += shift;
      if (vma.pfn !== null) vma.pfn += shift;
    } else vma.end = addr;
    this.link(copy);
    return true;
  }

  /** remove_vma */
  #remove(current: Task, vma: Vma, empty = false): void {
    this.#rdma.close(current, vma, empty);
    vma.mm.vmas = vma.mm.vmas.filter((other) => other !== vma);
    this.free(vma);
    this.#fput(current, vma.ufile);
  }

  /**
   * munmap. 5.10, 6.1: the VMA that is split keeps the part below, and the hole is always a
   * copy. 6.12 on: copies are what stays, and the VMA that is split becomes the hole.
   */
  munmap(current: Task, mm: Mm, start: number, end: number, failure?: Failure): boolean {
    const isNew = this.order === 'new';
    const first = mm.vmas.find((vma) => vma.start < start && vma.end > start);
    if (first !== undefined && !this.#split(current, first, start, isNew, failure)) return false;
    const last = mm.vmas.find((vma) => vma.start < end && vma.end > end);
    if (last !== undefined && !this.#split(current, last, end, !isNew, failure)) return false;
    for (const vma of mm.vmas.filter((one) => one.start >= start && one.end <= end))
      this.#remove(current, vma);
    return true;
  }

  /** mprotect, madvise: each VMA keeps the part whose flags change. */
  modify(current: Task, mm: Mm, start: number, end: number, failure?: Failure): Vma[] {
    const changed: Vma[] = [];
    for (const vma of mm.vmas.filter((one) => one.start < end && one.end > start)) {
      if (vma.start < start && !this.#split(current, vma, start, true, failure)) return changed;
      if (vma.end > end && !this.#split(current, vma, end, false, failure)) return changed;
      changed.push(vma);
    }
    return changed;
  }

  /**
   * mremap of one VMA, or of a part of one: the target is unmapped, the copy is made whole,
   * and only then the source is unmapped, and split for it where needed (5.10 to 7.3).
   */
  move(current: Task, mm: Mm, start: number, end: number, to: number, failure?: Failure): boolean {
    this.munmap(current, mm, to, to + end - start);
    const source = mm.vmas.find((vma) => vma.start <= start && vma.end >= end);
    if (source === undefined) return false;
    const pgoff = source.pgoff + (start - source.start) / PAGE;
    const place = { start: to, end: to + end - start, pgoff };
    const copy = this.#copy(current, source, mm, 'mremap', place);
    if (failure === 'link') {
      this.#remove(current, copy);
      return false;
    }
    this.link(copy);
    if (failure === 'tables') {
      this.munmap(current, mm, place.start, place.end);
      return false;
    }
    copy.reaches = source.reaches;
    return this.munmap(current, mm, start, end, failure);
  }

  /**
   * dup_mmap. In 5.10 and 6.1 page table entries are copied before vm_ops->open, since 6.9 after.
   * @param most VMAs that are copied before it fails
   */
  dup(current: Task, from: Mm, to: Mm, most = Number.POSITIVE_INFINITY): boolean {
    for (const [i, vma] of from.vmas.filter((one) => !one.dontfork).entries()) {
      if (i >= most) return false;
      const { start, end, pgoff } = vma;
      const copy = this.#copy(current, vma, to, 'fork', { start, end, pgoff });
      if (this.order === 'new') copy.reaches = vma.reaches;
      this.link(copy);
    }
    return true;
  }

  /** exit_mmap */
  exit(current: Task, mm: Mm): void {
    for (const vma of [...mm.vmas]) this.#remove(current, vma);
  }
}
