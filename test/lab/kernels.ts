import { DEFAULT_KERNEL } from '../../lab/kernels.ts';

const asked = (process.env['UMAPTRACE_KERNELS'] ?? DEFAULT_KERNEL).split(',');

/** Kernels that this run of the tests is for: the default one first, the newest last. */
export const kernels: readonly string[] = asked.sort(
  (a, b) => Number(b === DEFAULT_KERNEL) - Number(a === DEFAULT_KERNEL),
);
