import { duration } from '../time-text.ts';
import type { ChangeOf } from '../timeline/model.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, beginning, ordinals, place, run } from './words.ts';

type Zapped = ChangeOf<'vma-zapped'>;

class TeardownOrder implements RuleRun {
  readonly #say: Say;

  readonly on: Handlers = {
    'vma-zapped': (change) => this.#zapped(change),
  };

  constructor(say: Say) {
    this.#say = say;
  }

  #zapped({ vma, event, duration: took, disassociation: by }: Zapped): void {
    const gone = vma.ufile.ucontextEnded;
    if (by === null || by.kind !== 'remove' || gone === null || event.ns - took < gone.ns) return;
    this.#say.found({
      message: `${place(vma)} was zapped by ${run(by)}, at ${at(event.ns)}, ${duration(event.ns - gone.ns)} after the ucontext of ${vma.ufile.id} had ended: until then its process reached memory that the driver may have given to others`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: ordinals(gone, event),
      since: Math.min(gone.ns, beginning(by)?.ns ?? gone.ns),
      until: event.ns,
    });
  }
}

export const teardownOrder: Rule = {
  name: 'teardown-order',
  severity: 'violation',
  promise: "No zap of a removal came after the ucontext's end.",
  rationale:
    "ufile_destroy_ucontext first runs uverbs_user_mmap_disassociate and then lets the ucontext go (ib_rdmacg_uncharge, rdma_restrack_del, then the driver's dealloc_ucontext), which frees the doorbell pages that the VMAs map (5.10 to 7.3). The other way round, a process reaches pages that the driver may have given to somebody else.",
  reserve:
    'Zaps from rdma_umap_open never count: they are of VMAs that were copied after the end, and that have no page table entries yet. A reset does not end the ucontext.',
  needs: [
    'ucontext_end',
    'zap',
    'remove_begin',
    'reset_begin',
    'teardown_begin',
    'zapping_begin',
    'zapping_end',
  ],
  example:
    'V1 (4 pages at 0x7f31c5a00000 of pid 312 (unplug)) was zapped by D1, the removal of rxe0, at +1.254602 s, 50.0 ms after the ucontext of U1 had ended: until then its process reached memory that the driver may have given to others',
  start: (say) => new TeardownOrder(say),
};
