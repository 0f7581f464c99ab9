/** What the model kernel keeps, named as in the kernel. */
import type { VmaCause, VmaKind } from '../../../src/timeline/model.ts';

export const PAGE = 4096;

/** 5.10 and 6.1, or 6.12 and later: the two orders in which munmap splits, and fork copies. */
export type KernelOrder = 'old' | 'new';

export interface Device {
  readonly pointer: string;
  readonly name: string;
  readonly rdev: number;
}

/** struct ib_uverbs_file */
export interface Ufile {
  readonly pointer: string;
  readonly device: Device;
  /** Null once it has been torn down. */
  ucontext: string | null;
  /** Whether uverbs_destroy_ufile_hw holds hw_destroy_rwsem. */
  tearing: boolean;
  /** Who waits in ib_uverbs_close for that lock. */
  closing: Task | null;
  /** References to the struct file: fds and VMAs. */
  files: number;
  /** ufile->umaps */
  readonly umaps: Set<Umap>;
}

/** struct rdma_umap_priv */
export interface Umap {
  readonly pointer: string;
  readonly vma: Vma;
}

/** struct mm_struct */
export interface Mm {
  readonly pointer: string;
  /** Every process that ever ran in it. */
  readonly pids: Set<number>;
  /** The process that it belongs to; it is passed on when that one is gone. */
  owner: number;
  /** mm_users */
  users: number;
  /** In order of address. */
  vmas: Vma[];
}

/** rdma_umap_ops, or ops of a driver (rxe_vm_ops) */
export type Ops = 'umap' | 'driver';

/** struct vm_area_struct */
export interface Vma {
  readonly pointer: string;
  readonly mm: Mm;
  readonly ufile: Ufile;
  readonly ops: Ops;
  start: number;
  end: number;
  pgoff: number;
  readonly flags: string;
  /** vm_private_data of rdma_umap_ops. */
  umap: Umap | null;
  dontfork: boolean;
  /** What the timeline should know of it. */
  readonly kind: VmaKind;
  readonly cause: VmaCause;
  /** The VMA that it is a copy of. */
  readonly parent: Vma | null;
  /** `n` of the event that tells its birth. */
  born: number;
  /** Page frame that its first page was born with; null for memory of the driver. */
  pfn: number | null;
  /** Whether its page table entries reach the device. */
  reaches: boolean;
}

/** The id of the cgroup that a process is born in, and stays in: each in its own (clone3, CLONE_INTO_CGROUP). */
export const cgroupOf = (pid: number): number => 100 + pid;

export interface Process {
  readonly pid: number;
  mm: Mm;
  readonly fds: Ufile[];
}

/** The current task: whoever an event is told by. */
export interface Task {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  readonly cpu: number;
}
