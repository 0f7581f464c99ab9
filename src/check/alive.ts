import type { UmapEvent } from '../event/events.gen.ts';
import type { ChangeOf } from '../timeline/model.ts';

/** Changes that can show an mm to be in use. */
export type Sign = ChangeOf<
  'vma-touched' | 'vma-ended' | 'vma-zapped' | 'vma-born' | 'vma-stillborn' | 'mmap-failed'
>;

/**
 * Kernel address of the mm that a change shows to be in use: a process runs in it, or a
 * disassociation got hold of it (mmget_not_zero). Null when it shows none. mm_users never leaves
 * 0 again, so it had been in use at any time before as well.
 */
export function aliveIn(change: Sign): string | null {
  switch (change.what) {
    case 'vma-touched':
      return change.vma.mm.pointer;
    case 'vma-ended':
      return 'users' in change.event && change.event.users > 0 ? change.vma.mm.pointer : null;
    case 'vma-zapped':
      return change.disassociation === null ? null : change.vma.mm.pointer;
    case 'vma-born':
    case 'vma-stillborn':
    case 'mmap-failed':
      return runningIn(change.event);
  }
}

/** mmap runs in its own mm. So do split and mremap; in a fork it is the parent's, and the child is not running yet. */
function runningIn(event: UmapEvent): string | null {
  if (event.what === 'mmap_io' || event.what === 'mmap') return event.mm;
  return event.what === 'umap_open' && event.parent !== '0' ? event.pmm : null;
}
