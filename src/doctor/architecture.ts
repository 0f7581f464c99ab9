import { PAGE } from '../page.ts';
import { type Check, missing, ok, warning } from './check.ts';

export const architecture: Check = {
  name: 'architecture',
  looksAt: 'uname -m, getconf PAGESIZE',
  judge({ kernel: { arch, pageSize } }) {
    if (pageSize !== null && pageSize !== PAGE) {
      return missing(`${arch} with pages of ${pageSize / 1024} KiB`, {
        cost: 'umaptrace counts in pages of 4 KiB: which VMA another was split from, and how large it is, would be told wrongly',
        mend: 'boot a kernel with pages of 4 KiB',
      });
    }
    if (arch === 'x86_64') return ok(arch);
    return warning(arch, {
      cost: 'nobody has seen umaptrace run there, and how page tables are read is known for x86_64 alone',
      mend: null,
    });
  },
};
