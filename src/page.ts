/** Bytes of a page, the unit of vm_pgoff; kernels with other pages are refused (src/doctor/architecture.ts). */
export const PAGE = 4096;
