import { type Check, ok, unknown, warning } from './check.ts';

export const snapshot: Check = {
  name: 'snapshot',
  looksAt: 'BTF: whether the task_vma iterator holds a reference on the mm',
  judge({ plan, uverbs }) {
    if (!uverbs) return unknown('ib_uverbs is not loaded');
    if (plan === null) return unknown('there is no probe plan');
    const loss = plan.losses.find(({ event }) => event === 'snapshot_vma');
    if (loss === undefined) return ok('what was mapped before the trace is found');
    return warning(loss.reason, {
      cost: loss.without,
      mend: 'a newer kernel; else begin to trace before what is to be traced begins',
    });
  },
};
