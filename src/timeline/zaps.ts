import type { UmapFaultEvent, ZapEvent } from '../event/events.gen.ts';
import { has, VM_MIXEDMAP, VM_PFNMAP } from './flags.ts';
import type { Parts } from './parts.ts';
import { findVma } from './strangers.ts';

const FAULT_FLAG_WRITE = 1;
const VM_FAULT_OOM = 1;
const VM_FAULT_SIGBUS = 2;

/** A zap by a disassociation, or one whose cause was not seen. */
export function zapped(parts: Parts, event: ZapEvent): void {
  const vma = findVma(parts, event);
  parts.vmas.check(vma, event, event);
  vma.flags = event.flags;
  vma.zaps += 1;
  const disassociation = parts.disassociations.on(event.tid, vma.ufile);
  if (disassociation !== null) {
    disassociation.zaps += 1;
    vma.revoked = true;
  }
  if (vma.state !== 'escaped' && clears(event)) {
    vma.state = 'zapped';
    vma.zappedBy = disassociation?.id ?? null;
  }
  const { address, size, duration } = event;
  parts.changes.tell({ what: 'vma-zapped', event, vma, address, size, duration, disassociation });
}

/** A zap by rdma_umap_open, of the VMA that it just refused to track: of no disassociation. */
export function zappedInOpen({ vmas, changes }: Parts, event: ZapEvent): void {
  const vma = vmas.get(event.vma);
  if (vma === undefined) return;
  vma.zaps += 1;
  const { address, size, duration } = event;
  changes.tell({ what: 'vma-zapped', event, vma, address, size, duration, disassociation: null });
}

/**
 * Whether the page tables of the whole VMA are clear now: zap_vma_ptes does nothing, and says
 * so to nobody, when the range is not inside the VMA, or the VMA is not VM_PFNMAP (or
 * VM_MIXEDMAP, from 7.1).
 */
function clears({ address, size, start, end, flags }: ZapEvent): boolean {
  return address === start && address + size === end && has(flags, VM_PFNMAP | VM_MIXEDMAP);
}

/** A page without a page table entry was touched: always by a process of the VMA's own mm. */
export function touched(parts: Parts, event: UmapFaultEvent): void {
  const vma = findVma(parts, event);
  parts.mms.usedBy(vma.mm, event);
  const write = has(event.flags, FAULT_FLAG_WRITE);
  const { address } = event;
  parts.changes.tell({ what: 'vma-touched', event, vma, address, write, outcome: outcome(event) });
}

function outcome({ ret }: UmapFaultEvent): 'dummy' | 'sigbus' | 'oom' {
  if (has(ret, VM_FAULT_SIGBUS)) return 'sigbus';
  return has(ret, VM_FAULT_OOM) ? 'oom' : 'dummy';
}
