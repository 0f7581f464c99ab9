import { bits, VM_IO, VM_PFNMAP } from '../timeline/flags.ts';
import type { Change, Vma } from '../timeline/model.ts';
import type { Rule, RuleRun, Say } from './rule.ts';
import { at, ordinals, place } from './words.ts';

const IO = VM_IO | VM_PFNMAP;

class UntrackedIo implements RuleRun {
  readonly #say: Say;

  constructor(say: Say) {
    this.#say = say;
  }

  see(change: Change): void {
    if (change.what === 'vma-born' && change.event.what === 'mmap') this.#born(change.vma);
  }

  #born(vma: Vma): void {
    const { event } = vma.origin;
    if (vma.flags === null || (bits(vma.flags) & IO) !== IO) return;
    this.#say.lacked({
      what: `whether ${place(vma)}, mapped at ${at(event.ns)} without rdma_user_mmap_io, is device memory: its flags are those of IO memory (VM_IO, VM_PFNMAP), its page frames are not recorded`,
      how: 'read what the driver maps there (its mmap); no recording tells yet',
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
    'A driver that maps its BAR by io_remap_pfn_range or remap_pfn_range itself leaves a VMA that has the look of device memory and that no disassociation can revoke: after the device is gone, the process still writes to that bus address. The return of ib_uverbs_mmap shows such a VMA by its flags and by vm_private_data that is NULL (5.10 to 7.3).',
  reserve:
    "mlx5's clock page and others map memory of the host in the same way, rightly. Only the page frame number, held against the ranges of System RAM, tells them apart, and no recording has these: so this rule finds nothing yet, and names each VMA of which it would have to know. The verdict does not hang on it.",
  needs: ['mmap'],
  lacks: "the VMA's first page frame number, and the machine's ranges of System RAM (/proc/iomem)",
  example:
    'none; as missing evidence: whether V3 (1 page at 0x7f31c5a00000 of pid 312 (dv)), mapped at +0.001000 s without rdma_user_mmap_io, is device memory: its flags are those of IO memory (VM_IO, VM_PFNMAP), its page frames are not recorded',
  sees: ['vma-born'],
  start: (say) => new UntrackedIo(say),
};
