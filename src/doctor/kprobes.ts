import { type Check, missing, ok, unknown, warning } from './check.ts';
import { isRoot } from './root.ts';

export const kprobes: Check = {
  name: 'kprobes',
  looksAt: '/sys/kernel/debug/kprobes/enabled and blacklist',
  hinders: true,
  judge({ process, kernel: { kprobesEnabled, unprobeable }, plan }) {
    if (kprobesEnabled === null) {
      return unknown(
        isRoot(process)
          ? 'debugfs, which tells it, is not mounted'
          : 'debugfs, which tells it, is for root alone',
      );
    }
    if (!kprobesEnabled) {
      return missing('kprobes are disarmed', {
        cost: 'they can be attached but never run',
        mend: 'echo 1 > /sys/kernel/debug/kprobes/enabled',
      });
    }
    const barred = plan?.functions.filter((name) => unprobeable?.includes(name)) ?? [];
    if (barred.length === 0) return ok('armed');
    return warning(`this kernel bars them from ${barred.join(', ')}`, {
      cost: 'what these functions do is seen only where a trampoline can be attached',
      mend: null,
    });
  },
};
