import { type Check, ok } from './check.ts';

export const preemption: Check = {
  name: 'preemption',
  looksAt: '/sys/kernel/debug/sched/preempt',
  judge({ kernel: { preemption: modes } }) {
    const [, mode] = /\((\w+)\)/.exec(modes ?? '') ?? [];
    if (mode === 'none' || mode === 'voluntary') return ok(`${mode}: trampolines can be used`);
    if (mode !== undefined)
      return ok(`${mode}: kprobes are used throughout, for trampolines would miss runs`);
    return ok('not told, so kprobes are used throughout');
  },
};
