import { DEFAULT_KERNEL } from '../../lab/kernels.ts';

/** Kernels that this run of the tests is for, the default one first. */
export const kernels: readonly string[] = (process.env['UMAPTRACE_KERNELS'] ?? DEFAULT_KERNEL).split(',');
