import { type Check, missing, ok, unknown, warning } from './check.ts';

/** BPF_EVENTS is what lets a BPF program be attached to a kprobe. */
const NEEDED = [
  'CONFIG_BPF_SYSCALL',
  'CONFIG_BPF_EVENTS',
  'CONFIG_KPROBES',
  'CONFIG_KALLSYMS',
  'CONFIG_DEBUG_INFO_BTF',
];

/** Without it /proc/kallsyms has functions, and no tables such as rdma_umap_ops. */
const TABLES = 'CONFIG_KALLSYMS_ALL';

const mend = (options: readonly string[]): string =>
  `boot a kernel that has ${options.map((option) => `${option}=y`).join(' ')}`;

export const kernelOptions: Check = {
  name: 'kernel options',
  looksAt: '/boot/config-RELEASE, /proc/config.gz',
  judge({ kernel: { options } }) {
    if (options === null) return unknown('what this kernel was built with is not there to be read');
    const unset = NEEDED.filter((option) => options.get(option) !== 'y');
    if (unset.length > 0) {
      return missing(`this kernel was built without ${unset.join(', ')}`, {
        cost: 'bpftrace cannot trace it',
        mend: mend(unset),
      });
    }
    if (options.get(TABLES) === 'y') return ok('all that are needed are set');
    return warning(`this kernel was built without ${TABLES}`, {
      cost: 'which VMAs are tracked cannot be told: /proc/kallsyms does not show rdma_umap_ops',
      mend: mend([TABLES]),
    });
  },
};
