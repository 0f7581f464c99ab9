/**
 * Whose copy a new VMA is. Where rdma_umap_open tells the parent it is taken from there;
 * vm_ops of drivers and VMAs without a umap tell nothing, so there it is inferred.
 */
import type { DriverOpenEvent, UmapOpenEvent } from '../event/events.gen.ts';
import type { Mms, Space } from './mms.ts';
import type { Ufile } from './model.ts';
import type { LiveVma } from './vma.ts';

export type CopyEvent = UmapOpenEvent | DriverOpenEvent;

export interface Lineage {
  readonly cause: 'fork' | 'split' | 'mremap';
  readonly parent: LiveVma;
}

export class Parents {
  readonly #mms: Mms;
  readonly #page: number;

  constructor(mms: Mms, page: number) {
    this.#mms = mms;
    this.#page = page;
  }

  /**
   * Infers the parent of a copy; null when no live VMA can be it.
   *
   * fork (dup_mmap) copies into an mm that nobody runs in yet; a split (__split_vma) takes
   * one end of a VMA in place; mremap (copy_vma) copies to a place where nothing was.
   */
  infer(event: CopyEvent, ufile: Ufile): Lineage | null {
    const space = this.#mms.get(event.mm);
    const split = space === undefined ? null : this.#split(space, event, ufile);
    if (split !== null) return { cause: 'split', parent: split };
    if (space === undefined || space.pid === null) {
      const parent = this.#forked(event, ufile);
      return parent === null ? null : { cause: 'fork', parent };
    }
    const moved = this.#moved(space, event, ufile);
    if (moved !== null) return { cause: 'mremap', parent: moved };
    if (space.pid === event.pid) return null;
    const parent = this.#inSpaceOf(event, ufile);
    return parent === null ? null : { cause: 'fork', parent };
  }

  /** The VMA of the same mm whose lower or upper end the new one takes. */
  #split(space: Space, event: CopyEvent, ufile: Ufile): LiveVma | null {
    const { start, end, pgoff } = event;
    const below = space.starts.get(start);
    if (below !== undefined && below.ufile === ufile && below.end > end && below.pgoff === pgoff)
      return below;
    for (const vma of space.vmas.values()) {
      if (vma.end !== end || vma.start >= start || vma.ufile !== ufile) continue;
      if (vma.pgoff + (start - vma.start) / this.#page === pgoff) return vma;
    }
    return null;
  }

  /** The VMA with the same range in another mm: the current process's own where it has one. */
  #forked(event: CopyEvent, ufile: Ufile): LiveVma | null {
    const own = this.#inSpaceOf(event, ufile);
    if (own !== null) return own;
    for (const vma of ufile.vmas) {
      if (vma.mm.pointer === event.mm || !equal(vma, event)) continue;
      const parent = this.#mms.get(vma.mm.pointer)?.starts.get(vma.start);
      if (parent === vma) return parent;
    }
    return null;
  }

  #inSpaceOf(event: CopyEvent, ufile: Ufile): LiveVma | null {
    const space = this.#mms.ofPid(event.pid);
    if (space === undefined || space.pointer === event.mm) return null;
    const vma = space.starts.get(event.start);
    return vma !== undefined && vma.ufile === ufile && equal(vma, event) ? vma : null;
  }

  /** The VMA of the same mm that maps the same part of the file, the whole of it if there is one. */
  #moved(space: Space, event: CopyEvent, ufile: Ufile): LiveVma | null {
    const pages = (event.end - event.start) / this.#page;
    let part: LiveVma | null = null;
    for (const vma of space.vmas.values()) {
      if (vma.ufile !== ufile || event.pgoff < vma.pgoff) continue;
      const size = (vma.end - vma.start) / this.#page;
      if (event.pgoff === vma.pgoff && size === pages) return vma;
      if (part === null && event.pgoff + pages <= vma.pgoff + size) part = vma;
    }
    return part;
  }
}

const equal = (a: Place, b: Place): boolean => a.start === b.start && a.end === b.end && a.pgoff === b.pgoff;

interface Place {
  readonly start: number;
  readonly end: number;
  readonly pgoff: number;
}
