import { DEFAULT_KERNEL } from '../../lab/kernels.ts';

/** Kernels in the order in which they are tested: the default one first. */
export const inOrder = (versions: readonly string[]): string[] =>
  versions.toSorted((a, b) => Number(b === DEFAULT_KERNEL) - Number(a === DEFAULT_KERNEL));

/** Kernels that this run of the tests is for: the default one first, the newest last. */
export const kernels: readonly string[] = inOrder(
  (process.env['UMAPTRACE_KERNELS'] ?? DEFAULT_KERNEL).split(','),
);
