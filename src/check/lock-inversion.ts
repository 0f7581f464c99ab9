import type { Timeline } from '../timeline/timeline.ts';
import type { Rule, RuleRun, Say } from './rule.ts';
import { LIMIT_NS, standing } from './standing.ts';
import { beginning, lasting, ordinals, run, who } from './words.ts';

class LockInversion implements RuleRun {
  readonly #say: Say;

  constructor(say: Say) {
    this.#say = say;
  }

  see(): void {}

  finish(timeline: Timeline, end: number): void {
    for (const disassociation of timeline.disassociations) {
      const { zapping } = disassociation;
      if (zapping === null || end - zapping.ns < LIMIT_NS) continue;
      const mms = standing(disassociation).map(who).join(', ') || 'no process that the recording knows';
      this.#say.lacked({
        what: `${run(disassociation)}, has stood still in its zapping for ${lasting(end - zapping.ns)}; it can be waiting for the mm of ${mms}. Who holds that lock, and what for, is not recorded`,
        how: 'while it stands: cat /proc/PID/stack of the process named and of the one that removes or resets',
        evidence: ordinals(beginning(disassociation), zapping),
      });
    }
  }
}

export const lockInversion: Rule = {
  name: 'lock-inversion',
  severity: 'violation',
  promise:
    "No disassociation stands still for good in its wait for an mm's lock, held by a thread that waits, in mmap or umap_open of the same ufile, for the disassociation.",
  rationale:
    "uverbs_user_mmap_disassociate takes the ufile's disassociation_lock and then, for each mm, its mmap_lock. ib_uverbs_mmap and rdma_umap_open run under the mmap_lock, held for writing, and want disassociation_lock: in 6.12-era kernels, for a reset, which stops neither of them before, each side can hold what the other wants. A removal is safe: mmap is kept out by SRCU, and rdma_umap_open only tries hw_destroy_rwsem.",
  reserve: `A wait that ended is not one, however long it was (slow-disassociate tells it): of two threads that each hold what the other wants, neither ends. So this looks at a disassociation that has stood in its zapping for ${lasting(LIMIT_NS)} when the recording ends. The two stacks that would prove it are in no recording: then there is no finding, but missing evidence, and the verdict is inconclusive.`,
  needs: ['reset_begin', 'zapping_begin', 'zapping_end'],
  lacks: 'the kernel stacks of the thread that disassociates and of the threads of the mm that it waits for',
  example:
    'none; as missing evidence: D1, the reset of rxe0, has stood still in its zapping for 12.0 s; it can be waiting for the mm of pid 312 (inversion). Who holds that lock, and what for, is not recorded',
  sees: [],
  start: (say) => new LockInversion(say),
};
