import type { Log } from './log.ts';
import type { Mm, Task, Ufile, Umap, Vma } from './objects.ts';
import { Slab } from './slab.ts';

export const UMAP_OPS = 'ffffffffc0a01000';
export const DRIVER_OPS = 'ffffffffc0b02000';

/** rdma_umap_ops and a driver's vm_ops: what VMAs of a ufile do when they are copied, closed, touched, zapped. */
export class Rdma {
  readonly log: Log;
  readonly #umaps = new Slab(0xffff_8881_2000_0000n);

  constructor(log: Log) {
    this.log = log;
  }

  /** rdma_umap_priv_init */
  track(vma: Vma): Umap {
    const umap = { pointer: this.#umaps.alloc(), vma };
    vma.umap = umap;
    vma.ufile.umaps.add(umap);
    return umap;
  }

  /** vm_ops->open of a copy, before a split shortens its parent. */
  open(current: Task, vma: Vma, parent: Vma): void {
    vma.ufile.files += 1;
    if (vma.ops === 'driver') {
      const { pointer, mm, start, end, pgoff, flags, ufile } = vma;
      const body = { vma: pointer, mm: mm.pointer, start, end, pgoff, flags, ufile: ufile.pointer };
      vma.born = this.log.tell(current, { what: 'driver_open', ...body });
    } else {
      this.#umapOpen(current, vma, parent);
    }
  }

  /** rdma_umap_open: without a umap to inherit nothing happens; in a teardown, or after, the umap is dropped. */
  #umapOpen(current: Task, vma: Vma, parent: Vma): void {
    const inherited = parent.umap;
    if (inherited !== null) {
      if (vma.ufile.tearing || vma.ufile.ucontext === null) this.#drop(current, vma);
      else this.track(vma);
    }
    const told = inherited === null ? null : parent;
    vma.born = this.log.tell(current, {
      what: 'umap_open',
      vma: vma.pointer,
      mm: vma.mm.pointer,
      start: vma.start,
      end: vma.end,
      pgoff: vma.pgoff,
      flags: vma.flags,
      umap: vma.umap?.pointer ?? '0',
      inherited: inherited?.pointer ?? '0',
      parent: told?.pointer ?? '0',
      pmm: told?.mm.pointer ?? '0',
      pstart: told?.start ?? 0,
      pend: told?.end ?? 0,
      ufile: vma.ufile.pointer,
    });
  }

  #drop(current: Task, vma: Vma): void {
    vma.umap = null;
    this.#zap(current, vma);
  }

  #zap(current: Task, vma: Vma): void {
    vma.reaches = false;
    const { pointer, mm, start, end, flags, umap, ufile } = vma;
    this.log.tell(current, {
      what: 'zap',
      vma: pointer,
      mm: mm.pointer,
      address: start,
      size: end - start,
      duration: 300,
      start,
      end,
      flags,
      umap: umap?.pointer ?? '0',
      ufile: ufile.pointer,
    });
  }

  /** vm_ops->close, and the fput that follows it. @param empty the range of a failed split on 6.1 */
  close(current: Task, vma: Vma, empty = false): void {
    const { umap, ufile } = vma;
    const start = empty ? vma.end : vma.start;
    const place = { vma: vma.pointer, mm: vma.mm.pointer, start, end: vma.end, users: vma.mm.users };
    if (vma.ops === 'driver') {
      this.log.tell(current, { what: 'driver_close', ...place, ufile: ufile.pointer });
    } else {
      this.log.tell(current, {
        what: 'umap_close',
        ...place,
        umap: umap?.pointer ?? '0',
        ufile: ufile.pointer,
      });
    }
    if (umap !== null) {
      ufile.umaps.delete(umap);
      this.#umaps.free(umap.pointer);
      vma.umap = null;
    }
  }

  /** rdma_umap_fault, of a page without a page table entry. */
  touch(current: Task, vma: Vma, address: number): void {
    this.log.tell(current, {
      what: 'umap_fault',
      vma: vma.pointer,
      mm: vma.mm.pointer,
      address,
      flags: '255',
      ret: vma.umap === null ? '2' : '0',
      umap: vma.umap?.pointer ?? '0',
      ufile: vma.ufile.pointer,
    });
  }

  /** uverbs_user_mmap_disassociate: one mm after the other. Umaps stay on their VMAs, but on no list. */
  disassociate(current: Task, ufile: Ufile): void {
    this.log.tell(current, { what: 'zapping_begin', ufile: ufile.pointer });
    const mms = new Map<Mm, Umap[]>();
    for (const umap of ufile.umaps) mms.set(umap.vma.mm, [...(mms.get(umap.vma.mm) ?? []), umap]);
    for (const umap of [...mms.values()].flat()) {
      ufile.umaps.delete(umap);
      this.#zap(current, umap.vma);
    }
    this.log.tell(current, { what: 'zapping_end', ufile: ufile.pointer });
  }

  /** The second half of uverbs_destroy_ufile_hw: the ucontext ends. */
  endUcontext(current: Task, ufile: Ufile): void {
    if (ufile.ucontext !== null) {
      this.log.tell(current, { what: 'ucontext_end', ucontext: ufile.ucontext, ufile: ufile.pointer });
    }
    ufile.ucontext = null;
    ufile.tearing = false;
    this.log.tell(current, { what: 'teardown_end', ufile: ufile.pointer });
  }
}
