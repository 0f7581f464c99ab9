import { type Check, ok, unknown, warning } from './check.ts';

export const snapshot: Check = {
  name: 'snapshot',
  looksAt: 'BTF: whether the task_vma iterator holds a reference on the mm',
  judge({ plan, uverbs }) {
    if (!uverbs) return unknown('ib_uverbs is not loaded');
    if (plan === null) return unknown('there is no probe plan');
    const loss = plan.losses.find(({ event }) => event === 'snapshot_vma');
    if (loss !== undefined) {
      return warning(loss.reason, {
        cost: loss.without,
        mend: 'boot a newer kernel, or begin the trace before what is to be traced',
      });
    }
    if (plan.snapshot === null) return unknown('the plan does not tell');
    const { function: name, kind, reason } = plan.snapshot;
    return ok(
      `what was mapped before the trace is listed by ${kind === 'iter' ? 'an iterator' : `${name}: ${reason}`}`,
    );
  },
};
