import type { KernelSymbol } from './kallsyms.ts';

/** What a probe plan needs to know of a kernel. */
export interface Kernel {
  readonly release: string;
  readonly arch: string;
  readonly hostname: string;
  readonly bootId: string;
  /** Whether a program may be preempted by another one on the same CPU. */
  readonly preemptible: boolean;
  /** Whether it has the types of any module. */
  readonly moduleTypes: boolean;
  /** Whether its processes have the pids for this one that they have for the kernel: not in a container's pid namespace. */
  readonly hostPids: boolean;
  symbol(name: string): KernelSymbol | undefined;
  /** Byte offset of `struct.member`, from vmlinux or from an RDMA module. */
  offset(path: string): number | undefined;
  /** Names of a function's parameters; undefined when its module has no BTF. A struct by value is ''. */
  parameters(symbol: KernelSymbol): string[] | undefined;
}
