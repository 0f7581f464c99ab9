import type { Kernel } from './kernel.ts';
import { PAGE } from './objects.ts';

const PRESENT_SPECIAL = 0x277;
/** A page of memory, as rdma_umap_fault gives it. */
export const DUMMY = 0x1234;

/** What a walk of every VMA's page tables finds: those of the whole VMA, or none. */
export function audit({ log, processes }: Kernel): void {
  for (const { pid, mm } of processes.values()) {
    for (const { pointer, start, end, ops, ufile, reaches, pfn } of mm.vmas) {
      if (ops !== 'umap') continue;
      const pages = (end - start) / PAGE;
      const special = reaches && pfn !== null ? pages : 0;
      log.tell(
        { pid, tid: pid, comm: `p${pid}`, cpu: 0 },
        {
          what: 'audit',
          ...{ age: 0, vma: pointer, mm: mm.pointer, ufile: ufile.pointer, start, end, proven: 1 },
          ...{ absent: pages - special, special, linear: special, plain: 0, same: 0, other: 0 },
          entry: special > 0 ? ((pfn ?? 0) * PAGE + PRESENT_SPECIAL).toString(16) : '0',
          frame: special > 0 ? (pfn ?? 0) : 0,
          at: special > 0 ? start : 0,
        },
      );
    }
  }
}
