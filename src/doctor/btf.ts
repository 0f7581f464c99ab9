import { type Check, missing, ok } from './check.ts';
import type { KernelFacts } from './facts.ts';

const FOLDER = '/sys/kernel/btf';

/** Something is mounted over the folder, or on the way to it, or the kernel says that it was built with BTF. */
const isHidden = ({ mounts, options }: KernelFacts): boolean =>
  mounts.some(
    ({ point, type }) => type !== 'sysfs' && `${FOLDER}/`.startsWith(`${point}/`) && point !== '/',
  ) || options?.get('CONFIG_DEBUG_INFO_BTF') === 'y';

export const btf: Check = {
  name: 'BTF',
  looksAt: `${FOLDER}/vmlinux`,
  judge({ kernel }) {
    if (kernel.btf?.includes('vmlinux')) return ok('the kernel tells its types');
    const cost = 'where the members of structs lie is not known, so nothing can be traced';
    if (isHidden(kernel)) {
      return missing(`${FOLDER}/vmlinux is hidden from this process, as in some containers`, {
        cost,
        mend: `give the container the host's: -v ${FOLDER}:${FOLDER}:ro`,
      });
    }
    return missing(`this kernel has no type information (${FOLDER}/vmlinux is missing)`, {
      cost,
      mend: 'boot a kernel built with CONFIG_DEBUG_INFO_BTF=y',
    });
  },
};
