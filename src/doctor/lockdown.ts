import { type Check, missing, ok, unknown } from './check.ts';

export const lockdown: Check = {
  name: 'lockdown',
  looksAt: '/sys/kernel/security/lockdown',
  judge({ kernel: { lockdown: mode, mounts } }) {
    if (mode === null) {
      const mounted = mounts.some(({ type }) => type === 'securityfs');
      return mounted ? ok('this kernel has none') : unknown('securityfs is not mounted');
    }
    if (mode !== 'confidentiality') return ok(mode);
    return missing('the kernel is locked down (confidentiality), so BPF programs may not read its memory', {
      cost: 'nothing can be traced',
      mend: 'boot with lockdown=integrity, or without lockdown= (it cannot be lifted while the kernel runs)',
    });
  },
};
