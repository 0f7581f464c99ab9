import type { Disassociation, Mm } from '../timeline/model.ts';

/** How long a disassociation may take in all, and a removal may wait; ns. */
export const LIMIT_NS = 5e9;

/** The mms that a disassociation that has not ended can be waiting for: those with VMAs it has yet to zap. */
export function standing({ id, ufile }: Disassociation): Mm[] {
  const mms = new Set<Mm>();
  for (const vma of ufile.vmas) if (vma.tracked && vma.zappedBy !== id) mms.add(vma.mm);
  return [...mms];
}
