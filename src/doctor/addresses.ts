import { type Check, missing, ok, unknown } from './check.ts';
import { isRoot } from './root.ts';

export const addresses: Check = {
  name: 'addresses',
  looksAt: '/proc/kallsyms, kernel.kptr_restrict',
  judge({ process, kernel: { addresses: shown, kptrRestrict } }) {
    if (shown === true) return ok('/proc/kallsyms shows them');
    const cost = 'functions and tables of the kernel cannot be found, so nothing can be traced';
    if (shown === null)
      return missing('/proc/kallsyms cannot be read', {
        cost,
        mend: 'boot a kernel built with CONFIG_KALLSYMS_ALL=y',
      });
    // kallsyms_show_value (kernel/ksyms_common.c): 2 hides them from everybody, 0 and 1 not from CAP_SYSLOG.
    if (kptrRestrict === 2) {
      return missing(
        'the kernel hides its addresses (/proc/kallsyms shows zeros: kernel.kptr_restrict is 2)',
        {
          cost,
          mend: 'sysctl kernel.kptr_restrict=1',
        },
      );
    }
    return unknown(
      isRoot(process)
        ? '/proc/kallsyms shows them to CAP_SYSLOG alone'
        : '/proc/kallsyms shows them to root alone',
    );
  },
};
