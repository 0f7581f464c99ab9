/**
 * What a timeline is made of: ufiles, address spaces, VMAs, disassociations, and the
 * changes that they go through. Objects are live: the engine updates them and yields
 * a {@link Change} for every update; who wants a history keeps the changes.
 */
import type { UmapEvent } from '../event/events.gen.ts';

/** VMAs in order of their births. */
export interface Members extends Iterable<Vma> {
  readonly size: number;
}

/** A cgroup of the v2 hierarchy. */
export interface Cgroup {
  /** Inode of its directory. */
  readonly id: number;
  /** Below the root of the hierarchy, `/` for the root itself; null while not known. */
  readonly path: string | null;
}

/** An address space (struct mm_struct), from its first VMA of a ufile to its last. */
export interface Mm {
  /** Kernel address, hex digits. */
  readonly pointer: string;
  /** Process that it belongs to; null while nobody has been seen using it (a fork that has not ended). */
  pid: number | null;
  comm: string;
  /** Where its process was when it was last told, at an mmap or its birth; null while not known. */
  cgroup: Cgroup | null;
  /** Live VMAs of it. */
  readonly vmas: Members;
}

/** One open of /dev/infiniband/uverbsN (struct ib_uverbs_file), from its open to its free. */
export interface Ufile {
  /** U1, U2, ... in order of first appearance. */
  readonly id: string;
  /** Kernel address, hex digits. */
  readonly pointer: string;
  /** Device number of the node; null until an event tells it. */
  rdev: number | null;
  /** Names of the device; null while unknown. */
  device: string | null;
  uverbs: string | null;
  /** The open; null when the ufile is older than the trace. */
  readonly opened: UmapEvent | null;
  /** Where the process was that opened it; null when that is not known. */
  readonly cgroup: Cgroup | null;
  ucontextEnded: UmapEvent | null;
  closed: UmapEvent | null;
  freed: UmapEvent | null;
  /** Live VMAs. */
  readonly vmas: Members;
}

/**
 * io: device memory that rdma_user_mmap_io tracked at its birth, a copy of such, or what may be one: from before the trace,
 * without a umap, with the flags of device memory. driver: all else.
 */
export type VmaKind = 'io' | 'driver';
export type VmaCause = 'mmap' | 'fork' | 'split' | 'mremap' | 'snapshot';
/** closed: gone. zapped: revoked by a disassociation. escaped: page tables prove that it outlived one. */
export type VmaState = 'mapped' | 'zapped' | 'closed' | 'escaped' | 'unknown';

/** How a VMA came to be. */
export interface VmaOrigin {
  readonly cause: VmaCause;
  /** Id of the VMA that it is a copy of; null when there is none, or none that is known. */
  readonly parent: string | null;
  readonly event: UmapEvent;
}

/** One VMA of a ufile, from its birth to its close. */
export interface Vma {
  /** V1, V2, ... in order of first appearance. */
  readonly id: string;
  /** Its place in that order: the number in its id. */
  readonly ordinal: number;
  readonly ufile: Ufile;
  readonly mm: Mm;
  /** Kernel address, hex digits. */
  readonly pointer: string;
  readonly kind: VmaKind;
  readonly origin: VmaOrigin;
  /** First byte, and first byte after it, as last known. */
  start: number;
  end: number;
  /** Offset in the file, pages, as last known. */
  pgoff: number;
  /** First page frame of the device memory; null when not known. */
  pfn: number | null;
  /** Whether its frames are System RAM; null when that is not known. */
  ram: boolean | null;
  /** vm_flags as of the last event, hex digits; null when not known. */
  flags: string | null;
  /** Whether a umap tracks it: false after an umap_open that returned without one. */
  tracked: boolean;
  state: VmaState;
  /** Zaps of it that were told so far. */
  zaps: number;
  /** Disassociation that zapped it last. */
  zappedBy: string | null;
  ended: UmapEvent | null;
}

export type DisassociationKind = 'remove' | 'reset';

/** One run of uverbs_user_mmap_disassociate over a ufile's VMAs, within a removal or a reset. */
export interface Disassociation {
  /** D1, D2, ... in order of first appearance. */
  readonly id: string;
  readonly kind: DisassociationKind;
  /** Name of the device; null when no event tells it. */
  readonly device: string | null;
  readonly ufile: Ufile;
  /** Entry of ib_uverbs_remove_one or rdma_user_mmap_disassociate; null when not seen. */
  readonly requested: UmapEvent | null;
  /** Entry of uverbs_destroy_ufile_hw (removals only). */
  readonly teardown: UmapEvent | null;
  /** Entry of uverbs_user_mmap_disassociate; null while it has not come to that. */
  zapping: UmapEvent | null;
  /** Its return; null while it runs. */
  ended: UmapEvent | null;
  /** Zaps that it made so far. */
  zaps: number;
}

/** Events that the kernel side produced and nobody received. */
export interface Gap {
  /** Time of the last event before it and of the first after it, on that CPU; null at either end of the trace. */
  readonly from: number | null;
  readonly to: number | null;
  readonly cpu: number;
  readonly lost: number;
}

/** What an event did to the timeline. `event` is the evidence; `event.ns` is when. */
export type Change =
  | { readonly what: 'ufile-opened'; readonly event: UmapEvent; readonly ufile: Ufile }
  /** A ufile from before the trace (or whose open was lost) was first heard of. */
  | { readonly what: 'ufile-found'; readonly event: UmapEvent; readonly ufile: Ufile }
  /** The process of `event` had it open: when the trace began, or while a removal or reset stood still. */
  | {
      readonly what: 'ufile-held';
      readonly event: UmapEvent;
      readonly ufile: Ufile;
      readonly fd: number;
      /** Where that process is; null when that is not known. */
      readonly cgroup: Cgroup | null;
    }
  | {
      readonly what: 'ufile-open-failed';
      readonly event: UmapEvent;
      readonly errno: number;
      readonly rdev: number;
    }
  | { readonly what: 'ucontext-ended'; readonly event: UmapEvent; readonly ufile: Ufile }
  | { readonly what: 'ufile-closed'; readonly event: UmapEvent; readonly ufile: Ufile }
  | { readonly what: 'ufile-freed'; readonly event: UmapEvent; readonly ufile: Ufile }
  | { readonly what: 'vma-born'; readonly event: UmapEvent; readonly vma: Vma; readonly parent: Vma | null }
  /** A VMA of an mmap that failed after rdma_user_mmap_io had returned 0: it never lived. */
  | { readonly what: 'vma-stillborn'; readonly event: UmapEvent; readonly vma: Vma; readonly errno: number }
  | {
      readonly what: 'mmap-failed';
      readonly event: UmapEvent;
      readonly ufile: Ufile;
      readonly errno: number;
      readonly start: number;
      readonly end: number;
    }
  /**
   * A split shortened it, without a callback of its own; told after the birth of the VMA that takes
   * the rest. Or, on 6.1, a split that failed gives it the rest back: then `from` is the smaller one.
   */
  | {
      readonly what: 'vma-shrunk';
      readonly event: UmapEvent;
      readonly vma: Vma;
      readonly from: { readonly start: number; readonly end: number };
    }
  /** The child of a fork is known: its VMAs (born just before with pid null) belong to `mm.pid`. */
  | { readonly what: 'forked'; readonly event: UmapEvent; readonly mm: Mm }
  | {
      readonly what: 'vma-zapped';
      readonly event: UmapEvent;
      readonly vma: Vma;
      readonly address: number;
      readonly size: number;
      readonly duration: number;
      readonly disassociation: Disassociation | null;
    }
  | {
      readonly what: 'vma-touched';
      readonly event: UmapEvent;
      readonly vma: Vma;
      readonly address: number;
      readonly write: boolean;
      readonly outcome: 'dummy' | 'sigbus' | 'oom';
    }
  | { readonly what: 'vma-ended'; readonly event: UmapEvent; readonly vma: Vma }
  /** Its close has returned, and its umap is still on the ufile's list. */
  | { readonly what: 'umap-kept'; readonly event: UmapEvent; readonly vma: Vma }
  /** Its page tables were read after a disassociation: pages by what they map. */
  | {
      readonly what: 'vma-audited';
      readonly event: UmapEvent;
      readonly vma: Vma;
      readonly pages: number;
      /** Nothing. */
      readonly absent: number;
      /** The page that rdma_umap_fault gives. */
      readonly dummy: number;
      /** The device's memory: access that should be gone. */
      readonly device: number;
      readonly unknown: number;
      /** Page table entry of one device page, hex digits; `0` if there is none. */
      readonly entry: string;
      /** ns from the end of the disassociation to the reading. */
      readonly delay: number;
    }
  /** Page tables were to be read, and were not. `event` is of the process that was waited for, if that is `known`. */
  | {
      readonly what: 'audit-failed';
      readonly event: UmapEvent;
      /** ns that it was given. */
      readonly took: number;
      readonly known: boolean;
    }
  | {
      readonly what: 'disassociation-requested';
      readonly event: UmapEvent;
      readonly kind: DisassociationKind;
      readonly device: string | null;
    }
  | {
      readonly what: 'disassociation-teardown' | 'disassociation-zapping' | 'disassociation-ended';
      readonly event: UmapEvent;
      readonly disassociation: Disassociation;
    }
  /** The whole request is over: ib_uverbs_remove_one or rdma_user_mmap_disassociate returned. */
  | {
      readonly what: 'disassociation-returned';
      readonly event: UmapEvent;
      readonly kind: DisassociationKind;
      readonly device: string | null;
    }
  /** Where the thread of `event` stood in the kernel, while a removal or reset stood still. */
  | {
      readonly what: 'stack-seen';
      readonly event: UmapEvent;
      /** Kernel functions, the innermost first. */
      readonly frames: readonly string[];
    }
  /** What the kernel told does not fit what was inferred: counted and shown, never hidden. */
  | {
      readonly what: 'mismatch';
      readonly event: UmapEvent;
      readonly vma: Vma | null;
      readonly message: string;
    }
  | { readonly what: 'gap'; readonly event: UmapEvent | null; readonly gap: Gap };

/** The kinds of change. */
export type ChangeKind = Change['what'];

/** A change of one kind. */
export type ChangeOf<What extends ChangeKind, Each = Change> = Each extends { readonly what: infer Kinds }
  ? What extends Kinds
    ? Each
    : never
  : never;
