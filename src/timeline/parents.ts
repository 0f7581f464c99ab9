/**
 * Whose copy a new VMA is. Where rdma_umap_open tells the parent it is taken from there;
 * vm_ops of drivers and VMAs without a umap tell nothing, so there it is inferred.
 */

import type { DriverOpenEvent, UmapOpenEvent } from '../event/events.gen.ts';
import { PAGE } from '../page.ts';
import type { Mms, Space } from './mms.ts';
import type { Ufile } from './model.ts';
import type { LiveVma } from './vma.ts';

export type CopyEvent = UmapOpenEvent | DriverOpenEvent;

export interface Lineage {
  readonly cause: 'fork' | 'split' | 'mremap';
  readonly parent: LiveVma;
  /** False when other VMAs could be the parent as well, or one from before the trace that is not known. */
  readonly sure: boolean;
}

export class Parents {
  readonly #mms: Mms;

  constructor(mms: Mms) {
    this.#mms = mms;
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
    if (split !== null) return { cause: 'split', parent: split, sure: true };
    if (space === undefined || space.pid === null) {
      return this.#inSpaceOf(event, ufile) ?? this.#inAnySpace(event, ufile);
    }
    const moved = this.#moved(space, event, ufile);
    if (moved !== null || space.pid === event.pid) return moved;
    return this.#inSpaceOf(event, ufile);
  }

  /** The VMA of the same mm whose lower or upper end the new one takes. */
  #split(space: Space, event: CopyEvent, ufile: Ufile): LiveVma | null {
    const { start, end, pgoff } = event;
    const below = space.starts.get(start);
    if (below !== undefined && below.ufile === ufile && below.end > end && below.pgoff === pgoff)
      return below;
    for (const vma of space.vmas) {
      if (vma.end !== end || vma.start >= start || vma.ufile !== ufile) continue;
      if (vma.pgoff + (start - vma.start) / PAGE === pgoff) return vma;
    }
    return null;
  }

  /** fork: the VMA with the same range in the mm of the current process. */
  #inSpaceOf(event: CopyEvent, ufile: Ufile): Lineage | null {
    const space = this.#mms.ofPid(event.pid);
    if (space === undefined || space.pointer === event.mm) return null;
    const parent = space.starts.get(event.start);
    if (parent === undefined || parent.ufile !== ufile || !equal(parent, event)) return null;
    return { cause: 'fork', parent, sure: true };
  }

  /** fork by a process that has not been seen in its mm: a VMA with the same range in some mm. */
  #inAnySpace(event: CopyEvent, ufile: Ufile): Lineage | null {
    for (const { mm, start } of ufile.vmas) {
      const parent = mm.pointer === event.mm ? undefined : this.#mms.get(mm.pointer)?.starts.get(start);
      if (parent === undefined || parent.ufile !== ufile || !equal(parent, event)) continue;
      return { cause: 'fork', parent, sure: false };
    }
    return null;
  }

  /** mremap: the VMA of the same mm that maps the same part of the file, the whole of it if there is one. */
  #moved(space: Space, event: CopyEvent, ufile: Ufile): Lineage | null {
    const pages = (event.end - event.start) / PAGE;
    let whole: LiveVma | null = null;
    let part: LiveVma | null = null;
    let count = 0;
    for (const vma of space.vmas) {
      const size = (vma.end - vma.start) / PAGE;
      const ends = vma.pgoff + size;
      if (vma.ufile !== ufile || event.pgoff < vma.pgoff || event.pgoff + pages > ends) continue;
      count += 1;
      part ??= vma;
      if (whole === null && event.pgoff === vma.pgoff && size === pages) whole = vma;
    }
    const parent = whole ?? part;
    return parent === null ? null : { cause: 'mremap', parent, sure: count === 1 && ufile.opened !== null };
  }
}

const equal = (a: Place, b: Place): boolean => a.start === b.start && a.end === b.end && a.pgoff === b.pgoff;

interface Place {
  readonly start: number;
  readonly end: number;
  readonly pgoff: number;
}
