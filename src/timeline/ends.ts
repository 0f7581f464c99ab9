import type { DriverCloseEvent, UmapCloseEvent, UmapKeptEvent } from '../event/events.gen.ts';
import type { Parts } from './parts.ts';
import { findVma } from './strangers.ts';
import type { LiveVma } from './vma.ts';

/**
 * A VMA is closed, perhaps by a process that has nothing to do with it: whoever drops the
 * last reference on its mm. Only while the mm is in use (mm_users above 0: munmap, mmap and
 * mremap) is it the current process's own.
 */
export function closed(parts: Parts, event: UmapCloseEvent | DriverCloseEvent): void {
  const { vmas, mms } = parts;
  const vma = findVma(parts, event);
  if (event.users > 0) mms.usedBy(vma.mm, event);
  if (event.start === event.end) splitFailed(parts, event, vma);
  else vmas.check(vma, event, event);
  vmas.end(vma, event);
  parts.closing.enter(event.tid, vma);
}

/** A close has returned without taking the umap off the ufile's list. */
export function umapKept({ closing, changes }: Parts, event: UmapKeptEvent): void {
  const vma = closing.of(event);
  if (vma !== undefined) changes.tell({ what: 'umap-kept', event, vma });
  else {
    const message = 'a umap stayed on the list when its VMA was closed, and that close was not seen';
    changes.tell({ what: 'mismatch', event, vma: null, message });
  }
}

/** __split_vma undoes itself, with an empty range (6.1): the parent has its range back. */
function splitFailed({ vmas, changes }: Parts, event: UmapCloseEvent | DriverCloseEvent, vma: LiveVma): void {
  const parent = parentInPlace(vma);
  if (parent === null) {
    if (isGuessed(vma)) return;
    const message = `${vma.id} is empty to the kernel, and no split of it has failed`;
    changes.tell({ what: 'mismatch', event, vma, message });
    return;
  }
  const from = { start: parent.start, end: parent.end };
  vmas.resize(parent, {
    start: Math.min(parent.start, vma.start),
    end: Math.max(parent.end, vma.end),
  });
  changes.tell({ what: 'vma-shrunk', event, vma: parent, from });
}

/** The VMA that it was split from, if that is alive and still borders on it. */
function parentInPlace(vma: LiveVma): LiveVma | null {
  if (vma.origin.cause !== 'split') return null;
  for (const other of vma.mm.vmas) {
    if (other.id === vma.origin.parent)
      return other.start === vma.end || other.end === vma.start ? other : null;
  }
  return null;
}

/** Whether its cause is a guess, for want of a parent: then it was a split of a VMA that is not known. */
function isGuessed({ origin: { cause, event } }: LiveVma): boolean {
  if (cause === 'split' || cause === 'mmap') return false;
  return event.what !== 'umap_open' || event.inherited === '0';
}
