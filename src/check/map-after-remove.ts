import { duration } from '../time-text.ts';
import type { Disassociation, Ufile, Vma } from '../timeline/model.ts';
import type { Handlers, Rule, RuleRun, Say } from './rule.ts';
import { at, ordinals, place, run, who } from './words.ts';

class MapAfterRemove implements RuleRun {
  readonly #say: Say;
  readonly #removed = new Map<Ufile, Disassociation>();

  readonly on: Handlers = {
    'disassociation-teardown': ({ disassociation }) =>
      this.#removed.set(disassociation.ufile, disassociation),
    'ufile-freed': ({ ufile }) => this.#removed.delete(ufile),
    'vma-born': ({ vma, event }) => {
      if (event.what === 'mmap_io') this.#born(vma);
    },
  };

  constructor(say: Say) {
    this.#say = say;
  }

  #born(vma: Vma): void {
    const removal = this.#removed.get(vma.ufile);
    const { event } = vma.origin;
    const teardown = removal?.teardown;
    if (removal === undefined || !teardown || event.ns <= teardown.ns) return;
    this.#say.found({
      message: `${who(vma.mm)} mapped device memory, ${place(vma)}, at ${at(event.ns)}, ${duration(event.ns - teardown.ns)} after the teardown of ${vma.ufile.id} by ${run(removal)}, had begun: it reaches a device that its driver has given up`,
      ufile: vma.ufile.id,
      vma: vma.id,
      evidence: ordinals(teardown, event),
      since: teardown.ns,
      until: event.ns,
    });
  }
}

export const mapAfterRemove: Rule = {
  name: 'map-after-remove',
  severity: 'violation',
  promise: 'No rdma_user_mmap_io succeeded on a ufile after its teardown for a removal was entered.',
  rationale:
    'ib_uverbs_remove_one takes the device away from uverbs and waits for everybody who may still have it (synchronize_srcu) before it tears down the first ufile; ib_uverbs_mmap holds that SRCU until it returns, and afterwards finds no device (ib_uverbs_get_ucontext_file gives -EIO). So each success of rdma_user_mmap_io comes before the entry of uverbs_destroy_ufile_hw (5.10 to 7.3).',
  reserve:
    'It counts from the entry of uverbs_destroy_ufile_hw with the reason of driver removal, not from that of ib_uverbs_remove_one: an mmap that is past the check may rightly still succeed then. After a reset new mappings are right.',
  needs: ['mmap_io', 'teardown_begin', 'ufile_open', 'ufile_free'],
  example:
    'pid 312 (unplug) mapped device memory, V5 (1 page at 0x7f31c5b00000 of pid 312 (unplug)), at +1.300000 s, 95.5 ms after the teardown of U1 by D1, the removal of rxe0, had begun: it reaches a device that its driver has given up',
  start: (say) => new MapAfterRemove(say),
};
