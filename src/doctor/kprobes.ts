import { type Check, missing, ok, unknown, warning } from './check.ts';
import type { Facts } from './facts.ts';
import { isRoot } from './root.ts';

/** Under lockdown, debugfs shows nothing that not everybody may read (debugfs_locked_down, fs/debugfs/file.c). */
function whyUntold({ process, kernel: { mounts } }: Facts): string {
  if (!isRoot(process)) return 'debugfs, which tells it, is for root alone';
  return mounts.some(({ type }) => type === 'debugfs')
    ? 'debugfs does not tell it, as under lockdown'
    : 'debugfs, which tells it, is not mounted';
}

export const kprobes: Check = {
  name: 'kprobes',
  looksAt: '/sys/kernel/debug/kprobes/enabled and blacklist',
  hinders: true,
  judge(facts) {
    const {
      kernel: { kprobesEnabled, unprobeable },
      plan,
    } = facts;
    if (kprobesEnabled === null) return unknown(whyUntold(facts));
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
