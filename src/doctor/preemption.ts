import { type Check, ok, unknown, warning } from './check.ts';
import { isRoot } from './root.ts';

export const preemption: Check = {
  name: 'preemption',
  looksAt: '/sys/kernel/debug/sched/preempt',
  judge({ process, kernel: { preemption: modes, mounts } }) {
    const [, mode] = /\((\w+)\)/.exec(modes ?? '') ?? [];
    if (mode === 'none' || mode === 'voluntary') return ok(`${mode}: trampolines can be used`);
    if (mode !== undefined)
      return ok(`${mode}: kprobes are used throughout, for trampolines would miss runs`);
    if (!isRoot(process)) return unknown('debugfs, which tells it, is for root alone');
    if (mounts.some(({ type }) => type === 'debugfs')) {
      return ok('this kernel does not tell, so kprobes are used throughout');
    }
    return warning('debugfs, which tells it, is not mounted', {
      cost: 'kprobes are used throughout, which cost more time than trampolines',
      mend: 'mount -t debugfs debugfs /sys/kernel/debug',
    });
  },
};
