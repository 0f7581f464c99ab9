/** vm_flags (include/linux/mm.h, the same from 5.10 to 7.3 on every architecture). */
export const VM_PFNMAP = 0x400;
export const VM_IO = 0x4000;
export const VM_MIXEDMAP = 0x1000_0000;

/** The low 32 bits of a mask in hex digits. */
export const bits = (mask: string): number => Number.parseInt(mask.slice(-8), 16);

/** Whether a mask in hex digits has any bit of `wanted`, which is below 2^31. */
export const has = (mask: string, wanted: number): boolean => (bits(mask) & wanted) !== 0;
