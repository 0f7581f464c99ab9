import type { Change, Mm } from '../timeline/model.ts';

type Born = Extract<Change, { what: 'vma-born' }>;

/**
 * The address space that a change shows to be in use: a process runs in it, or a disassociation
 * got hold of it (mmget_not_zero). Null when it shows none. mm_users never leaves 0 again, so it
 * had been in use at any time before as well.
 */
export function aliveIn(change: Change): Mm | null {
  switch (change.what) {
    case 'vma-touched':
      return change.vma.mm;
    case 'vma-ended':
      return 'users' in change.event && change.event.users > 0 ? change.vma.mm : null;
    case 'vma-zapped':
      return change.disassociation === null ? null : change.vma.mm;
    case 'vma-born':
      return bornIn(change);
    default:
      return null;
  }
}

/** In a fork, the parent's; its child is not running yet. Only where the kernel told the parent. */
function bornIn({ vma, parent, event }: Born): Mm | null {
  if (event.what === 'mmap_io' || event.what === 'mmap') return vma.mm;
  if (event.what !== 'umap_open' || event.parent === '0' || parent === null) return null;
  return parent.mm;
}
