import { type Check, ok, unknown, warning } from './check.ts';

export const moduleBtf: Check = {
  name: 'BTF of modules',
  looksAt: '/sys/kernel/btf/MODULE, for modules with probes',
  judge({ kernel, plan, uverbs }) {
    if (!uverbs) return unknown('ib_uverbs is not loaded');
    if (plan === null) return unknown('there is no probe plan to tell which modules matter');
    const without = plan.modules.filter((name) => name !== 'vmlinux' && !kernel.btf?.includes(name));
    if (without.length === 0) return ok(plan.modules.filter((name) => name !== 'vmlinux').join(', '));
    return warning(`none for ${without.join(', ')}`, {
      cost: 'their functions get kprobes, which cost more time than trampolines and can miss runs; structs of their own are not read',
      mend: 'use the modules that came with the kernel, built with CONFIG_DEBUG_INFO_BTF_MODULES=y (Linux 5.11 and later)',
    });
  },
};
