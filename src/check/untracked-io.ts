import { bits, VM_IO, VM_PFNMAP } from '../timeline/flags.ts';
import type { Vma } from '../timeline/model.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, ordinals, place, who } from './words.ts';

const IO = VM_IO | VM_PFNMAP;

class UntrackedIo implements RuleRun {
  readonly #say: Say;

  readonly on: Handlers = {
    'vma-born': ({ vma, event }) => {
      if (event.what === 'mmap') this.#born(vma);
    },
  };

  constructor(say: Say) {
    this.#say = say;
  }

  #born(vma: Vma): void {
    if (vma.flags === null || (bits(vma.flags) & IO) !== IO || vma.ram === true) return;
    if (vma.ram === null) this.#unknown(vma);
    else this.#found(vma, vma.pfn ?? 0);
  }

  #found(vma: Vma, pfn: number): void {
    const { event } = vma.origin;
    this.#say.found({
      message: `${place(vma)} was mapped at ${at(event.ns)} without rdma_user_mmap_io, over memory that is not System RAM (pfn 0x${pfn.toString(16)}): no disassociation can revoke it, and ${who(vma.mm)} will reach the device after it`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: ordinals(event),
      since: event.ns,
      until: event.ns,
    });
  }

  #unknown(vma: Vma): void {
    const { event } = vma.origin;
    const what = vma.pfn === null ? 'its page frames are not recorded' : 'what is System RAM is not recorded';
    this.#say.lacked({
      what: `whether ${place(vma)}, mapped at ${at(event.ns)} without rdma_user_mmap_io, is device memory: its flags are those of IO memory (VM_IO, VM_PFNMAP), ${what}`,
      how: 'read what the driver maps there (its mmap): it maps page by page, or does not use remap_pfn_range',
      evidence: ordinals(event),
      decides: false,
    });
  }
}

export const untrackedIo: Rule = {
  name: 'untracked-io',
  severity: 'warning',
  promise:
    'No VMA was made with VM_IO and VM_PFNMAP, over memory that is not System RAM, without rdma_user_mmap_io.',
  rationale:
    'A driver that maps its BAR by io_remap_pfn_range or remap_pfn_range itself leaves a VMA that has the look of device memory and that no disassociation can revoke: after the device is gone, the process still writes to that bus address. The return of ib_uverbs_mmap shows such a VMA by its flags and by vm_private_data that is NULL (5.10 to 7.3); its page table entry, which remap_pfn_range marks (bit 9, x86-64), has its first page frame, and /proc/iomem says which frames are System RAM.',
  reserve:
    "mlx5's clock page and others map memory of the host in the same way, rightly: they are over System RAM. Only the first frame is looked at. A VMA that a driver fills page by page, at a fault, has no frame yet: that is missing evidence, on which the verdict does not hang.",
  needs: ['mmap'],
  example:
    'V3 (1 page at 0x7f31c5a00000 of pid 312 (dv)) was mapped at +0.001000 s without rdma_user_mmap_io, over memory that is not System RAM (pfn 0xfea00): no disassociation can revoke it, and pid 312 (dv) will reach the device after it',
  start: (say) => new UntrackedIo(say),
};
