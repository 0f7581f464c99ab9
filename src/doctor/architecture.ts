import { type Check, ok, warning } from './check.ts';

export const architecture: Check = {
  name: 'architecture',
  looksAt: 'uname -m',
  judge({ kernel: { arch } }) {
    if (arch === 'x86_64') return ok(arch);
    return warning(arch, {
      cost: 'nobody has seen umaptrace run there, and how page tables are read is known for x86_64 alone',
      mend: null,
    });
  },
};
