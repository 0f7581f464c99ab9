// Generated from probes/*.bt by "npm run generate". Do not edit.
import type { EventDeclaration } from './declaration.ts';
import type { EventHead } from './event.ts';
import { int32At, numberAt, type WordTexts } from './words.ts';

/** the page tables of a VMA were read */
export interface AuditEvent extends EventHead {
  readonly what: 'audit';
  /** ns between the reading and this line's time: it is written when the iterator has ended (number below 2^53) */
  readonly age: number;
  /** the VMA (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** its address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
  /** first byte (user address in bytes, page-aligned) */
  readonly start: number;
  /** first byte after it (user address in bytes, page-aligned) */
  readonly end: number;
  /** 1 when the walk found the page that must be there (number below 2^32) */
  readonly proven: number;
  /** pages that nothing is mapped at (number below 2^53) */
  readonly absent: number;
  /** pages mapped with bit 9: by remap_pfn_range (number below 2^53) */
  readonly special: number;
  /** of those, pages whose frames go on from the first as the addresses do (number below 2^53) */
  readonly linear: number;
  /** pages mapped without bit 9 (number below 2^53) */
  readonly plain: number;
  /** of those, pages mapped to the same frame as the first (number below 2^53) */
  readonly same: number;
  /** page table entry of the first special page; 0 if there is none (page table entry of x86-64, hex digits; `0` is none) */
  readonly entry: string;
  /** its page frame (number below 2^53) */
  readonly frame: number;
  /** its address (user address in bytes, page-aligned) */
  readonly at: number;
  /** page frame of the first plain page (number below 2^53) */
  readonly other: number;
}

/** an audit did not come to an end; told by umaptrace, of the process that it waited for */
export interface AuditFailedEvent extends EventHead {
  readonly what: 'audit_failed';
  /** ns that it was given (number below 2^53) */
  readonly took: number;
  /** 1 when pid, tid and comm are of the process whose mmap_lock it waited for (number below 2^32) */
  readonly known: number;
}

/** a device and its names */
export interface DeviceEvent extends EventHead {
  readonly what: 'device';
  /** device number of /dev/infiniband/uverbsN (kernel dev_t: major << 20 | minor) */
  readonly rdev: number;
  /** its name under /dev/infiniband (text, 32 bytes as four little-endian words) */
  readonly uverbs: string;
  /** the ib device's name (text, 32 bytes as four little-endian words) */
  readonly name: string;
}

/** a device is leaving uverbs */
export interface RemoveBeginEvent extends EventHead {
  readonly what: 'remove_begin';
  /** struct ib_device (kernel address, hex digits; `0` is NULL) */
  readonly device: string;
  /** the ib device's name; empty where ib_core's BTF does not tell (text, 32 bytes as four little-endian words) */
  readonly name: string;
}

/** the device has left uverbs */
export interface RemoveEndEvent extends EventHead {
  readonly what: 'remove_end';
  /** struct ib_device (kernel address, hex digits; `0` is NULL) */
  readonly device: string;
}

/** a driver asks to revoke all mappings of a device that stays */
export interface ResetBeginEvent extends EventHead {
  readonly what: 'reset_begin';
  /** struct ib_device (kernel address, hex digits; `0` is NULL) */
  readonly device: string;
  /** the ib device's name; empty where ib_core's BTF does not tell (text, 32 bytes as four little-endian words) */
  readonly name: string;
}

/** all mappings of the device have been revoked */
export interface ResetEndEvent extends EventHead {
  readonly what: 'reset_end';
  /** struct ib_device (kernel address, hex digits; `0` is NULL) */
  readonly device: string;
}

/** a ufile's hardware objects are about to be destroyed */
export interface TeardownBeginEvent extends EventHead {
  readonly what: 'teardown_begin';
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
  /** enum rdma_remove_reason: 1 closed, 2 device removal (number below 2^32) */
  readonly reason: number;
}

/** a ufile's hardware objects are gone */
export interface TeardownEndEvent extends EventHead {
  readonly what: 'teardown_end';
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** the ucontext of a ufile that is torn down ends */
export interface UcontextEndEvent extends EventHead {
  readonly what: 'ucontext_end';
  /** the ucontext; 0 where ib_core's BTF does not tell (kernel address, hex digits; `0` is NULL) */
  readonly ucontext: string;
  /** the ufile being torn down by this thread (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** the mappings of a ufile are about to be revoked */
export interface ZappingBeginEvent extends EventHead {
  readonly what: 'zapping_begin';
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** the mappings of a ufile have been revoked */
export interface ZappingEndEvent extends EventHead {
  readonly what: 'zapping_end';
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** a driver-managed VMA was made or duplicated */
export interface DriverOpenEvent extends EventHead {
  readonly what: 'driver_open';
  /** the VMA (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** its address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** first byte (user address in bytes, page-aligned) */
  readonly start: number;
  /** first byte after it (user address in bytes, page-aligned) */
  readonly end: number;
  /** vm_pgoff, pages (number below 2^53) */
  readonly pgoff: number;
  /** vm_flags (bit mask, hex digits) */
  readonly flags: string;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** a driver-managed VMA is going away */
export interface DriverCloseEvent extends EventHead {
  readonly what: 'driver_close';
  /** the VMA (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** its address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** first byte, as it is now (user address in bytes, page-aligned) */
  readonly start: number;
  /** first byte after it, as it is now (user address in bytes, page-aligned) */
  readonly end: number;
  /** mm_users: 0 when the whole address space is going away (number below 2^32) */
  readonly users: number;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** a child with copies of a ufile's VMAs has been made */
export interface ForkEvent extends EventHead {
  readonly what: 'fork';
  /** the child's address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** the child's pid (number below 2^32) */
  readonly child: number;
  /** id of the child's cgroup (v2), which is the inode of its directory; 0 if not known (number below 2^53) */
  readonly cgroup: number;
}

/** the return of a function was not seen, and what it would have told is missing */
export interface ReturnMissedEvent extends EventHead {
  readonly what: 'return_missed';
  /** the function (text, 32 bytes as four little-endian words) */
  readonly function: string;
  /** ns since it was entered (number below 2^53) */
  readonly ago: number;
}

/** rdma_user_mmap_io mapped device memory, or refused to */
export interface MmapIoEvent extends EventHead {
  readonly what: 'mmap_io';
  /** 0, -EINVAL (not VM_SHARED, wrong size), -ENOMEM, -EAGAIN (0 or a negative errno, as the low 32 bits) */
  readonly ret: number;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
  /** device number of the ufile's node (kernel dev_t: major << 20 | minor) */
  readonly rdev: number;
  /** the new VMA (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** the address space that it is in (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** first byte (user address in bytes, page-aligned) */
  readonly start: number;
  /** first byte after it (user address in bytes, page-aligned) */
  readonly end: number;
  /** vm_pgoff, pages (number below 2^53) */
  readonly pgoff: number;
  /** vm_flags (bit mask, hex digits) */
  readonly flags: string;
  /** first page frame of the device memory (number below 2^53) */
  readonly pfn: number;
  /** bytes that the driver asked to map (number below 2^53) */
  readonly size: number;
  /** the umap (struct rdma_umap_priv), 0 if none was made (kernel address, hex digits; `0` is NULL) */
  readonly umap: string;
  /** the ucontext (kernel address, hex digits; `0` is NULL) */
  readonly ucontext: string;
  /** the process that the address space belongs to, 0 if not known: current may be a vfork child (number below 2^32) */
  readonly owner: number;
  /** id of current's cgroup (v2), which is the inode of its directory; 0 if not known (number below 2^53) */
  readonly cgroup: number;
}

/** an mmap of a ufile failed, or mapped memory that the RDMA core does not track */
export interface MmapEvent extends EventHead {
  readonly what: 'mmap';
  /** 0, or a negative errno (0 or a negative errno, as the low 32 bits) */
  readonly ret: number;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
  /** device number of the ufile's node (kernel dev_t: major << 20 | minor) */
  readonly rdev: number;
  /** the VMA; about to be freed when the mmap failed (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** the address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** first byte (user address in bytes, page-aligned) */
  readonly start: number;
  /** first byte after it (user address in bytes, page-aligned) */
  readonly end: number;
  /** vm_pgoff, pages (number below 2^53) */
  readonly pgoff: number;
  /** vm_flags (bit mask, hex digits) */
  readonly flags: string;
  /** vm_ops that the driver left there (kernel address, hex digits; `0` is NULL) */
  readonly ops: string;
  /** vm_private_data (kernel address, hex digits; `0` is NULL) */
  readonly private: string;
  /** the process that the address space belongs to, 0 if not known (number below 2^32) */
  readonly owner: number;
  /** page frame of the first page, if remap_pfn_range mapped it; 0 if it did not, and where tables are not understood (other than x86-64) (number below 2^53) */
  readonly pfn: number;
  /** id of current's cgroup (v2), which is the inode of its directory; 0 if not known (number below 2^53) */
  readonly cgroup: number;
}

/** the functions of a module that was loaded during the trace are traced from now on */
export interface AttachedLateEvent extends EventHead {
  readonly what: 'attached_late';
  /** the module (text, 32 bytes as four little-endian words) */
  readonly module: string;
  /** ns for which its functions may have run untraced (number below 2^53) */
  readonly ago: number;
}

/** a range of page frames that are System RAM */
export interface RamEvent extends EventHead {
  readonly what: 'ram';
  /** the first page frame (number below 2^53) */
  readonly pfn: number;
  /** how many there are (number below 2^53) */
  readonly frames: number;
}

/** one of the program's outermost probes has fired */
export interface ReadyEvent extends EventHead {
  readonly what: 'ready';
  /** which of them (number below 2^32) */
  readonly probe: number;
}

/** a VMA of a ufile that was there when the trace began */
export interface SnapshotVmaEvent extends EventHead {
  readonly what: 'snapshot_vma';
  /** the VMA (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** its address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** first byte (user address in bytes, page-aligned) */
  readonly start: number;
  /** first byte after it (user address in bytes, page-aligned) */
  readonly end: number;
  /** vm_pgoff, pages (number below 2^53) */
  readonly pgoff: number;
  /** vm_flags (bit mask, hex digits) */
  readonly flags: string;
  /** vm_ops (kernel address, hex digits; `0` is NULL) */
  readonly ops: string;
  /** vm_private_data: the umap, when vm_ops are rdma_umap_ops (kernel address, hex digits; `0` is NULL) */
  readonly private: string;
  /** 1 when vm_ops are rdma_umap_ops and it has a umap (number below 2^32) */
  readonly tracked: number;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
  /** device number of the ufile's node (kernel dev_t: major << 20 | minor) */
  readonly rdev: number;
  /** id of the process's cgroup (v2), which is the inode of its directory; 0 if not known (number below 2^53) */
  readonly cgroup: number;
}

/** a file descriptor of a ufile that was there when it was looked for */
export interface SnapshotFdEvent extends EventHead {
  readonly what: 'snapshot_fd';
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
  /** device number of the ufile's node (kernel dev_t: major << 20 | minor) */
  readonly rdev: number;
  /** the descriptor (number below 2^32) */
  readonly fd: number;
  /** id of the process's cgroup (v2), which is the inode of its directory; 0 if not known (number below 2^53) */
  readonly cgroup: number;
}

/** a frame of a thread's kernel stack, while a removal or reset stood still */
export interface StackEvent extends EventHead {
  readonly what: 'stack';
  /** how many frames are further in: 0 for the innermost, which ends the stack (number below 2^32) */
  readonly depth: number;
  /** the kernel function, its name cut to 31 bytes (text, 32 bytes as four little-endian words) */
  readonly function: string;
}

/** a process opened /dev/infiniband/uverbsN */
export interface UfileOpenEvent extends EventHead {
  readonly what: 'ufile_open';
  /** what ib_uverbs_open returned: 0, or a negative errno (0 or a negative errno, as the low 32 bits) */
  readonly ret: number;
  /** the new ufile; 0 when the open failed (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
  /** device number of the opened node (kernel dev_t: major << 20 | minor) */
  readonly rdev: number;
  /** id of the process's cgroup (v2), which is the inode of its directory; 0 if not known (number below 2^53) */
  readonly cgroup: number;
}

/** the last reference to the struct file went away */
export interface UfileCloseEvent extends EventHead {
  readonly what: 'ufile_close';
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** the ufile's memory is given back: its pointer may be recycled from here on */
export interface UfileFreeEvent extends EventHead {
  readonly what: 'ufile_free';
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** a VMA was duplicated by fork, split or mremap */
export interface UmapOpenEvent extends EventHead {
  readonly what: 'umap_open';
  /** the new VMA (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** the address space that the new VMA is in (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** first byte (user address in bytes, page-aligned) */
  readonly start: number;
  /** first byte after it (user address in bytes, page-aligned) */
  readonly end: number;
  /** vm_pgoff, pages (number below 2^53) */
  readonly pgoff: number;
  /** vm_flags (bit mask, hex digits) */
  readonly flags: string;
  /** its umap when rdma_umap_open returned: 0 means tracked by nobody (kernel address, hex digits; `0` is NULL) */
  readonly umap: string;
  /** the parent's umap; 0 when the parent had none (then the parent is not told) (kernel address, hex digits; `0` is NULL) */
  readonly inherited: string;
  /** the parent VMA, 0 when it had no umap (kernel address, hex digits; `0` is NULL) */
  readonly parent: string;
  /** the parent's mm (kernel address, hex digits; `0` is NULL) */
  readonly pmm: string;
  /** the parent's first byte, before a split shortens it (user address in bytes, page-aligned) */
  readonly pstart: number;
  /** the parent's end, before a split shortens it (user address in bytes, page-aligned) */
  readonly pend: number;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** a VMA is going away */
export interface UmapCloseEvent extends EventHead {
  readonly what: 'umap_close';
  /** the VMA (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** its address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** first byte, as it is now (user address in bytes, page-aligned) */
  readonly start: number;
  /** first byte after it, as it is now (user address in bytes, page-aligned) */
  readonly end: number;
  /** its umap, 0 if it had none (kernel address, hex digits; `0` is NULL) */
  readonly umap: string;
  /** mm_users: 0 when the whole address space is going away (number below 2^32) */
  readonly users: number;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** a VMA was closed, and its umap is still on its ufile's list when that returns */
export interface UmapKeptEvent extends EventHead {
  readonly what: 'umap_kept';
  /** the VMA that was closed (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** its address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** its umap (kernel address, hex digits; `0` is NULL) */
  readonly umap: string;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** a page was touched for the first time after a zap (or never had been mapped) */
export interface UmapFaultEvent extends EventHead {
  readonly what: 'umap_fault';
  /** the VMA (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** its address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** the page that was touched (user address in bytes, page-aligned) */
  readonly address: number;
  /** FAULT_FLAG_*: bit 0 is a write (bit mask, hex digits) */
  readonly flags: string;
  /** 0: a dummy page was mapped; else VM_FAULT_*: 2 is SIGBUS, 1 out of memory (bit mask, hex digits) */
  readonly ret: string;
  /** the VMA's umap, 0 if it had none (kernel address, hex digits; `0` is NULL) */
  readonly umap: string;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

/** the page table entries of a tracked VMA were asked to be cleared */
export interface ZapEvent extends EventHead {
  readonly what: 'zap';
  /** the VMA (kernel address, hex digits; `0` is NULL) */
  readonly vma: string;
  /** its address space (kernel address, hex digits; `0` is NULL) */
  readonly mm: string;
  /** first byte to clear (user address in bytes, page-aligned) */
  readonly address: number;
  /** bytes to clear (number below 2^53) */
  readonly size: number;
  /** ns that the call took (number below 2^53) */
  readonly duration: number;
  /** the VMA's first byte (user address in bytes, page-aligned) */
  readonly start: number;
  /** first byte after the VMA (user address in bytes, page-aligned) */
  readonly end: number;
  /** vm_flags (bit mask, hex digits) */
  readonly flags: string;
  /** the VMA's umap, 0 when rdma_umap_open has just dropped it (kernel address, hex digits; `0` is NULL) */
  readonly umap: string;
  /** the ufile (kernel address, hex digits; `0` is NULL) */
  readonly ufile: string;
}

export type UmapEvent =
  | AuditEvent
  | AuditFailedEvent
  | DeviceEvent
  | RemoveBeginEvent
  | RemoveEndEvent
  | ResetBeginEvent
  | ResetEndEvent
  | TeardownBeginEvent
  | TeardownEndEvent
  | UcontextEndEvent
  | ZappingBeginEvent
  | ZappingEndEvent
  | DriverOpenEvent
  | DriverCloseEvent
  | ForkEvent
  | ReturnMissedEvent
  | MmapIoEvent
  | MmapEvent
  | AttachedLateEvent
  | RamEvent
  | ReadyEvent
  | SnapshotVmaEvent
  | SnapshotFdEvent
  | StackEvent
  | UfileOpenEvent
  | UfileCloseEvent
  | UfileFreeEvent
  | UmapOpenEvent
  | UmapCloseEvent
  | UmapKeptEvent
  | UmapFaultEvent
  | ZapEvent;

/** Every event that a recording can hold, as its probe declares it. */
export const EVENTS: readonly EventDeclaration[] = [
  {
    "name": "audit",
    "tag": "AV",
    "text": "the page tables of a VMA were read",
    "functions": [
      "task_vma"
    ],
    "without": "whether page tables are clear after a disassociation is not known",
    "fields": [
      {
        "name": "age",
        "type": "u64",
        "text": "ns between the reading and this line's time: it is written when the iterator has ended",
        "since": 1
      },
      {
        "name": "vma",
        "type": "ptr",
        "text": "the VMA",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "its address space",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      },
      {
        "name": "start",
        "type": "addr",
        "text": "first byte",
        "since": 1
      },
      {
        "name": "end",
        "type": "addr",
        "text": "first byte after it",
        "since": 1
      },
      {
        "name": "proven",
        "type": "u32",
        "text": "1 when the walk found the page that must be there",
        "since": 1
      },
      {
        "name": "absent",
        "type": "u64",
        "text": "pages that nothing is mapped at",
        "since": 1
      },
      {
        "name": "special",
        "type": "u64",
        "text": "pages mapped with bit 9: by remap_pfn_range",
        "since": 1
      },
      {
        "name": "linear",
        "type": "u64",
        "text": "of those, pages whose frames go on from the first as the addresses do",
        "since": 1
      },
      {
        "name": "plain",
        "type": "u64",
        "text": "pages mapped without bit 9",
        "since": 1
      },
      {
        "name": "same",
        "type": "u64",
        "text": "of those, pages mapped to the same frame as the first",
        "since": 1
      },
      {
        "name": "entry",
        "type": "pte",
        "text": "page table entry of the first special page; 0 if there is none",
        "since": 1
      },
      {
        "name": "frame",
        "type": "u64",
        "text": "its page frame",
        "since": 1
      },
      {
        "name": "at",
        "type": "addr",
        "text": "its address",
        "since": 1
      },
      {
        "name": "other",
        "type": "u64",
        "text": "page frame of the first plain page",
        "since": 1
      }
    ]
  },
  {
    "name": "audit_failed",
    "tag": "AF",
    "text": "an audit did not come to an end; told by umaptrace, of the process that it waited for",
    "functions": [],
    "without": "a failed audit looks like none",
    "fields": [
      {
        "name": "took",
        "type": "u64",
        "text": "ns that it was given",
        "since": 1
      },
      {
        "name": "known",
        "type": "u32",
        "text": "1 when pid, tid and comm are of the process whose mmap_lock it waited for",
        "since": 1
      }
    ]
  },
  {
    "name": "device",
    "tag": "V",
    "text": "a device and its names",
    "functions": [],
    "without": "devices are known by number only",
    "fields": [
      {
        "name": "rdev",
        "type": "dev",
        "text": "device number of /dev/infiniband/uverbsN",
        "since": 1
      },
      {
        "name": "uverbs",
        "type": "str32",
        "text": "its name under /dev/infiniband",
        "since": 1
      },
      {
        "name": "name",
        "type": "str32",
        "text": "the ib device's name",
        "since": 1
      }
    ]
  },
  {
    "name": "remove_begin",
    "tag": "RB",
    "text": "a device is leaving uverbs",
    "functions": [
      "ib_uverbs_remove_one"
    ],
    "without": "device removals are known only by what they do to each ufile",
    "fields": [
      {
        "name": "device",
        "type": "ptr",
        "text": "struct ib_device",
        "since": 1
      },
      {
        "name": "name",
        "type": "str32",
        "text": "the ib device's name; empty where ib_core's BTF does not tell",
        "since": 1
      }
    ]
  },
  {
    "name": "remove_end",
    "tag": "RE",
    "text": "the device has left uverbs",
    "functions": [
      "ib_uverbs_remove_one"
    ],
    "without": "a removal that never ends cannot be told from one that did",
    "fields": [
      {
        "name": "device",
        "type": "ptr",
        "text": "struct ib_device",
        "since": 1
      }
    ]
  },
  {
    "name": "reset_begin",
    "tag": "SB",
    "text": "a driver asks to revoke all mappings of a device that stays",
    "functions": [
      "rdma_user_mmap_disassociate"
    ],
    "without": "driver resets are known only by their zaps",
    "fields": [
      {
        "name": "device",
        "type": "ptr",
        "text": "struct ib_device",
        "since": 1
      },
      {
        "name": "name",
        "type": "str32",
        "text": "the ib device's name; empty where ib_core's BTF does not tell",
        "since": 1
      }
    ]
  },
  {
    "name": "reset_end",
    "tag": "SE",
    "text": "all mappings of the device have been revoked",
    "functions": [
      "rdma_user_mmap_disassociate"
    ],
    "without": "a reset that never ends cannot be told from one that did",
    "fields": [
      {
        "name": "device",
        "type": "ptr",
        "text": "struct ib_device",
        "since": 1
      }
    ]
  },
  {
    "name": "teardown_begin",
    "tag": "TB",
    "text": "a ufile's hardware objects are about to be destroyed",
    "functions": [
      "uverbs_destroy_ufile_hw"
    ],
    "without": "the window in which mappings can escape will not be seen",
    "fields": [
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      },
      {
        "name": "reason",
        "type": "u32",
        "text": "enum rdma_remove_reason: 1 closed, 2 device removal",
        "since": 1
      }
    ]
  },
  {
    "name": "teardown_end",
    "tag": "TE",
    "text": "a ufile's hardware objects are gone",
    "functions": [
      "uverbs_destroy_ufile_hw"
    ],
    "without": "the end of a teardown will not be seen",
    "fields": [
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "ucontext_end",
    "tag": "CE",
    "text": "the ucontext of a ufile that is torn down ends",
    "functions": [
      "ib_rdmacg_uncharge"
    ],
    "without": "the order of zaps and the ucontext's end cannot be checked",
    "fields": [
      {
        "name": "ucontext",
        "type": "ptr",
        "text": "the ucontext; 0 where ib_core's BTF does not tell",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile being torn down by this thread",
        "since": 1
      }
    ]
  },
  {
    "name": "zapping_begin",
    "tag": "ZB",
    "text": "the mappings of a ufile are about to be revoked",
    "functions": [
      "uverbs_user_mmap_disassociate"
    ],
    "without": "zaps cannot be told apart by disassociation",
    "fields": [
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "zapping_end",
    "tag": "ZE",
    "text": "the mappings of a ufile have been revoked",
    "functions": [
      "uverbs_user_mmap_disassociate"
    ],
    "without": "the end of a disassociation will not be seen",
    "fields": [
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "driver_open",
    "tag": "DO",
    "text": "a driver-managed VMA was made or duplicated",
    "functions": [
      "rxe_vma_open",
      "rvt_vma_open"
    ],
    "without": "copies of driver-managed VMAs will not be seen",
    "fields": [
      {
        "name": "vma",
        "type": "ptr",
        "text": "the VMA",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "its address space",
        "since": 1
      },
      {
        "name": "start",
        "type": "addr",
        "text": "first byte",
        "since": 1
      },
      {
        "name": "end",
        "type": "addr",
        "text": "first byte after it",
        "since": 1
      },
      {
        "name": "pgoff",
        "type": "u64",
        "text": "vm_pgoff, pages",
        "since": 1
      },
      {
        "name": "flags",
        "type": "hex",
        "text": "vm_flags",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "driver_close",
    "tag": "DC",
    "text": "a driver-managed VMA is going away",
    "functions": [
      "rxe_vma_close",
      "rvt_vma_close"
    ],
    "without": "the end of driver-managed VMAs will not be seen",
    "fields": [
      {
        "name": "vma",
        "type": "ptr",
        "text": "the VMA",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "its address space",
        "since": 1
      },
      {
        "name": "start",
        "type": "addr",
        "text": "first byte, as it is now",
        "since": 1
      },
      {
        "name": "end",
        "type": "addr",
        "text": "first byte after it, as it is now",
        "since": 1
      },
      {
        "name": "users",
        "type": "u32",
        "text": "mm_users: 0 when the whole address space is going away",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "fork",
    "tag": "K",
    "text": "a child with copies of a ufile's VMAs has been made",
    "functions": [
      "wake_up_new_task"
    ],
    "without": "children are named only by what they do later",
    "fields": [
      {
        "name": "mm",
        "type": "ptr",
        "text": "the child's address space",
        "since": 1
      },
      {
        "name": "child",
        "type": "u32",
        "text": "the child's pid",
        "since": 1
      },
      {
        "name": "cgroup",
        "type": "u64",
        "text": "id of the child's cgroup (v2), which is the inode of its directory; 0 if not known",
        "since": 2
      }
    ]
  },
  {
    "name": "return_missed",
    "tag": "X",
    "text": "the return of a function was not seen, and what it would have told is missing",
    "functions": [],
    "without": "missed returns of functions are not known",
    "fields": [
      {
        "name": "function",
        "type": "str32",
        "text": "the function",
        "since": 1
      },
      {
        "name": "ago",
        "type": "u64",
        "text": "ns since it was entered",
        "since": 1
      }
    ]
  },
  {
    "name": "mmap_io",
    "tag": "M",
    "text": "rdma_user_mmap_io mapped device memory, or refused to",
    "functions": [
      "rdma_user_mmap_io"
    ],
    "without": "tracked mappings will not be seen",
    "fields": [
      {
        "name": "ret",
        "type": "errno",
        "text": "0, -EINVAL (not VM_SHARED, wrong size), -ENOMEM, -EAGAIN",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      },
      {
        "name": "rdev",
        "type": "dev",
        "text": "device number of the ufile's node",
        "since": 1
      },
      {
        "name": "vma",
        "type": "ptr",
        "text": "the new VMA",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "the address space that it is in",
        "since": 1
      },
      {
        "name": "start",
        "type": "addr",
        "text": "first byte",
        "since": 1
      },
      {
        "name": "end",
        "type": "addr",
        "text": "first byte after it",
        "since": 1
      },
      {
        "name": "pgoff",
        "type": "u64",
        "text": "vm_pgoff, pages",
        "since": 1
      },
      {
        "name": "flags",
        "type": "hex",
        "text": "vm_flags",
        "since": 1
      },
      {
        "name": "pfn",
        "type": "u64",
        "text": "first page frame of the device memory",
        "since": 1
      },
      {
        "name": "size",
        "type": "u64",
        "text": "bytes that the driver asked to map",
        "since": 1
      },
      {
        "name": "umap",
        "type": "ptr",
        "text": "the umap (struct rdma_umap_priv), 0 if none was made",
        "since": 1
      },
      {
        "name": "ucontext",
        "type": "ptr",
        "text": "the ucontext",
        "since": 1
      },
      {
        "name": "owner",
        "type": "u32",
        "text": "the process that the address space belongs to, 0 if not known: current may be a vfork child",
        "since": 2
      },
      {
        "name": "cgroup",
        "type": "u64",
        "text": "id of current's cgroup (v2), which is the inode of its directory; 0 if not known",
        "since": 2
      }
    ]
  },
  {
    "name": "mmap",
    "tag": "N",
    "text": "an mmap of a ufile failed, or mapped memory that the RDMA core does not track",
    "functions": [
      "ib_uverbs_mmap"
    ],
    "without": "failed mmaps and the drivers' own mappings will not be seen",
    "fields": [
      {
        "name": "ret",
        "type": "errno",
        "text": "0, or a negative errno",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      },
      {
        "name": "rdev",
        "type": "dev",
        "text": "device number of the ufile's node",
        "since": 1
      },
      {
        "name": "vma",
        "type": "ptr",
        "text": "the VMA; about to be freed when the mmap failed",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "the address space",
        "since": 1
      },
      {
        "name": "start",
        "type": "addr",
        "text": "first byte",
        "since": 1
      },
      {
        "name": "end",
        "type": "addr",
        "text": "first byte after it",
        "since": 1
      },
      {
        "name": "pgoff",
        "type": "u64",
        "text": "vm_pgoff, pages",
        "since": 1
      },
      {
        "name": "flags",
        "type": "hex",
        "text": "vm_flags",
        "since": 1
      },
      {
        "name": "ops",
        "type": "ptr",
        "text": "vm_ops that the driver left there",
        "since": 1
      },
      {
        "name": "private",
        "type": "ptr",
        "text": "vm_private_data",
        "since": 1
      },
      {
        "name": "owner",
        "type": "u32",
        "text": "the process that the address space belongs to, 0 if not known",
        "since": 2
      },
      {
        "name": "pfn",
        "type": "u64",
        "text": "page frame of the first page, if remap_pfn_range mapped it; 0 if it did not, and where tables are not understood (other than x86-64)",
        "since": 2
      },
      {
        "name": "cgroup",
        "type": "u64",
        "text": "id of current's cgroup (v2), which is the inode of its directory; 0 if not known",
        "since": 2
      }
    ]
  },
  {
    "name": "attached_late",
    "tag": "A",
    "text": "the functions of a module that was loaded during the trace are traced from now on",
    "functions": [],
    "without": "modules that are loaded during the trace go unnoticed",
    "fields": [
      {
        "name": "module",
        "type": "str32",
        "text": "the module",
        "since": 1
      },
      {
        "name": "ago",
        "type": "u64",
        "text": "ns for which its functions may have run untraced",
        "since": 1
      }
    ]
  },
  {
    "name": "ram",
    "tag": "RR",
    "text": "a range of page frames that are System RAM",
    "functions": [],
    "without": "whether mappings that the RDMA core does not track are of device memory is not known",
    "fields": [
      {
        "name": "pfn",
        "type": "u64",
        "text": "the first page frame",
        "since": 1
      },
      {
        "name": "frames",
        "type": "u64",
        "text": "how many there are",
        "since": 1
      }
    ]
  },
  {
    "name": "ready",
    "tag": "R",
    "text": "one of the program's outermost probes has fired",
    "functions": [
      "version_proc_show"
    ],
    "without": "readiness cannot be proven",
    "fields": [
      {
        "name": "probe",
        "type": "u32",
        "text": "which of them",
        "since": 1
      }
    ]
  },
  {
    "name": "snapshot_vma",
    "tag": "S",
    "text": "a VMA of a ufile that was there when the trace began",
    "functions": [
      "task_vma",
      "show_map"
    ],
    "without": "mappings from before the trace are found only when something happens to them",
    "fields": [
      {
        "name": "vma",
        "type": "ptr",
        "text": "the VMA",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "its address space",
        "since": 1
      },
      {
        "name": "start",
        "type": "addr",
        "text": "first byte",
        "since": 1
      },
      {
        "name": "end",
        "type": "addr",
        "text": "first byte after it",
        "since": 1
      },
      {
        "name": "pgoff",
        "type": "u64",
        "text": "vm_pgoff, pages",
        "since": 1
      },
      {
        "name": "flags",
        "type": "hex",
        "text": "vm_flags",
        "since": 1
      },
      {
        "name": "ops",
        "type": "ptr",
        "text": "vm_ops",
        "since": 1
      },
      {
        "name": "private",
        "type": "ptr",
        "text": "vm_private_data: the umap, when vm_ops are rdma_umap_ops",
        "since": 1
      },
      {
        "name": "tracked",
        "type": "u32",
        "text": "1 when vm_ops are rdma_umap_ops and it has a umap",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      },
      {
        "name": "rdev",
        "type": "dev",
        "text": "device number of the ufile's node",
        "since": 1
      },
      {
        "name": "cgroup",
        "type": "u64",
        "text": "id of the process's cgroup (v2), which is the inode of its directory; 0 if not known",
        "since": 2
      }
    ]
  },
  {
    "name": "snapshot_fd",
    "tag": "SF",
    "text": "a file descriptor of a ufile that was there when it was looked for",
    "functions": [
      "task_file",
      "show_fd_locks"
    ],
    "without": "processes that hold a ufile open without mapping it are not found",
    "fields": [
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      },
      {
        "name": "rdev",
        "type": "dev",
        "text": "device number of the ufile's node",
        "since": 1
      },
      {
        "name": "fd",
        "type": "u32",
        "text": "the descriptor",
        "since": 1
      },
      {
        "name": "cgroup",
        "type": "u64",
        "text": "id of the process's cgroup (v2), which is the inode of its directory; 0 if not known",
        "since": 2
      }
    ]
  },
  {
    "name": "stack",
    "tag": "SK",
    "text": "a frame of a thread's kernel stack, while a removal or reset stood still",
    "functions": [],
    "without": "who waits for whom when a removal or reset stands still is not known",
    "fields": [
      {
        "name": "depth",
        "type": "u32",
        "text": "how many frames are further in: 0 for the innermost, which ends the stack",
        "since": 1
      },
      {
        "name": "function",
        "type": "str32",
        "text": "the kernel function, its name cut to 31 bytes",
        "since": 1
      }
    ]
  },
  {
    "name": "ufile_open",
    "tag": "FO",
    "text": "a process opened /dev/infiniband/uverbsN",
    "functions": [
      "ib_uverbs_open"
    ],
    "without": "who opened a ufile, and when, will not be known",
    "fields": [
      {
        "name": "ret",
        "type": "errno",
        "text": "what ib_uverbs_open returned: 0, or a negative errno",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the new ufile; 0 when the open failed",
        "since": 1
      },
      {
        "name": "rdev",
        "type": "dev",
        "text": "device number of the opened node",
        "since": 1
      },
      {
        "name": "cgroup",
        "type": "u64",
        "text": "id of the process's cgroup (v2), which is the inode of its directory; 0 if not known",
        "since": 2
      }
    ]
  },
  {
    "name": "ufile_close",
    "tag": "FC",
    "text": "the last reference to the struct file went away",
    "functions": [
      "ib_uverbs_close"
    ],
    "without": "the end of a ufile is known only when it is freed",
    "fields": [
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "ufile_free",
    "tag": "FF",
    "text": "the ufile's memory is given back: its pointer may be recycled from here on",
    "functions": [
      "ib_uverbs_release_file"
    ],
    "without": "a recycled ufile pointer is told from its predecessor by its open only",
    "fields": [
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "umap_open",
    "tag": "O",
    "text": "a VMA was duplicated by fork, split or mremap",
    "functions": [
      "rdma_umap_open"
    ],
    "without": "forks, splits and moves of mappings will not be seen",
    "fields": [
      {
        "name": "vma",
        "type": "ptr",
        "text": "the new VMA",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "the address space that the new VMA is in",
        "since": 1
      },
      {
        "name": "start",
        "type": "addr",
        "text": "first byte",
        "since": 1
      },
      {
        "name": "end",
        "type": "addr",
        "text": "first byte after it",
        "since": 1
      },
      {
        "name": "pgoff",
        "type": "u64",
        "text": "vm_pgoff, pages",
        "since": 1
      },
      {
        "name": "flags",
        "type": "hex",
        "text": "vm_flags",
        "since": 1
      },
      {
        "name": "umap",
        "type": "ptr",
        "text": "its umap when rdma_umap_open returned: 0 means tracked by nobody",
        "since": 1
      },
      {
        "name": "inherited",
        "type": "ptr",
        "text": "the parent's umap; 0 when the parent had none (then the parent is not told)",
        "since": 1
      },
      {
        "name": "parent",
        "type": "ptr",
        "text": "the parent VMA, 0 when it had no umap",
        "since": 1
      },
      {
        "name": "pmm",
        "type": "ptr",
        "text": "the parent's mm",
        "since": 1
      },
      {
        "name": "pstart",
        "type": "addr",
        "text": "the parent's first byte, before a split shortens it",
        "since": 1
      },
      {
        "name": "pend",
        "type": "addr",
        "text": "the parent's end, before a split shortens it",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "umap_close",
    "tag": "C",
    "text": "a VMA is going away",
    "functions": [
      "rdma_umap_close"
    ],
    "without": "the end of mappings will not be seen",
    "fields": [
      {
        "name": "vma",
        "type": "ptr",
        "text": "the VMA",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "its address space",
        "since": 1
      },
      {
        "name": "start",
        "type": "addr",
        "text": "first byte, as it is now",
        "since": 1
      },
      {
        "name": "end",
        "type": "addr",
        "text": "first byte after it, as it is now",
        "since": 1
      },
      {
        "name": "umap",
        "type": "ptr",
        "text": "its umap, 0 if it had none",
        "since": 1
      },
      {
        "name": "users",
        "type": "u32",
        "text": "mm_users: 0 when the whole address space is going away",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "umap_kept",
    "tag": "CK",
    "text": "a VMA was closed, and its umap is still on its ufile's list when that returns",
    "functions": [
      "rdma_umap_close"
    ],
    "without": "a umap that outlives its VMA is seen only if a disassociation comes upon it and lives",
    "fields": [
      {
        "name": "vma",
        "type": "ptr",
        "text": "the VMA that was closed",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "its address space",
        "since": 1
      },
      {
        "name": "umap",
        "type": "ptr",
        "text": "its umap",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "umap_fault",
    "tag": "T",
    "text": "a page was touched for the first time after a zap (or never had been mapped)",
    "functions": [
      "rdma_umap_fault"
    ],
    "without": "touches after a zap will not be seen",
    "fields": [
      {
        "name": "vma",
        "type": "ptr",
        "text": "the VMA",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "its address space",
        "since": 1
      },
      {
        "name": "address",
        "type": "addr",
        "text": "the page that was touched",
        "since": 1
      },
      {
        "name": "flags",
        "type": "hex",
        "text": "FAULT_FLAG_*: bit 0 is a write",
        "since": 1
      },
      {
        "name": "ret",
        "type": "hex",
        "text": "0: a dummy page was mapped; else VM_FAULT_*: 2 is SIGBUS, 1 out of memory",
        "since": 1
      },
      {
        "name": "umap",
        "type": "ptr",
        "text": "the VMA's umap, 0 if it had none",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  },
  {
    "name": "zap",
    "tag": "Z",
    "text": "the page table entries of a tracked VMA were asked to be cleared",
    "functions": [
      "zap_special_vma_range",
      "zap_vma_ptes"
    ],
    "without": "what was revoked, and when, will not be seen",
    "fields": [
      {
        "name": "vma",
        "type": "ptr",
        "text": "the VMA",
        "since": 1
      },
      {
        "name": "mm",
        "type": "ptr",
        "text": "its address space",
        "since": 1
      },
      {
        "name": "address",
        "type": "addr",
        "text": "first byte to clear",
        "since": 1
      },
      {
        "name": "size",
        "type": "u64",
        "text": "bytes to clear",
        "since": 1
      },
      {
        "name": "duration",
        "type": "u64",
        "text": "ns that the call took",
        "since": 1
      },
      {
        "name": "start",
        "type": "addr",
        "text": "the VMA's first byte",
        "since": 1
      },
      {
        "name": "end",
        "type": "addr",
        "text": "first byte after the VMA",
        "since": 1
      },
      {
        "name": "flags",
        "type": "hex",
        "text": "vm_flags",
        "since": 1
      },
      {
        "name": "umap",
        "type": "ptr",
        "text": "the VMA's umap, 0 when rdma_umap_open has just dropped it",
        "since": 1
      },
      {
        "name": "ufile",
        "type": "ptr",
        "text": "the ufile",
        "since": 1
      }
    ]
  }
];

type Placed = Pick<EventHead, 'n' | 'ns' | 'cpu' | 'seq'>;
type Decoder = (line: Placed, comm: string, halves: Uint32Array, place: number, texts: WordTexts) => UmapEvent;

/** What makes each of {@link EVENTS} of the words of its line, whose halves begin at a place. */
export const DECODERS: readonly Decoder[] = [
  (l, c, h, p, t): AuditEvent => ({ what: 'audit', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, age: numberAt(h, p + 14), vma: t.digits(h, p + 16), mm: t.digits(h, p + 18), ufile: t.digits(h, p + 20), start: numberAt(h, p + 22), end: numberAt(h, p + 24), proven: numberAt(h, p + 26), absent: numberAt(h, p + 28), special: numberAt(h, p + 30), linear: numberAt(h, p + 32), plain: numberAt(h, p + 34), same: numberAt(h, p + 36), entry: t.digits(h, p + 38), frame: numberAt(h, p + 40), at: numberAt(h, p + 42), other: numberAt(h, p + 44) }),
  (l, c, h, p, t): AuditFailedEvent => ({ what: 'audit_failed', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, took: numberAt(h, p + 14), known: numberAt(h, p + 16) }),
  (l, c, h, p, t): DeviceEvent => ({ what: 'device', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, rdev: numberAt(h, p + 14), uverbs: t.text(h, p + 16, 4), name: t.text(h, p + 24, 4) }),
  (l, c, h, p, t): RemoveBeginEvent => ({ what: 'remove_begin', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, device: t.digits(h, p + 14), name: t.text(h, p + 16, 4) }),
  (l, c, h, p, t): RemoveEndEvent => ({ what: 'remove_end', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, device: t.digits(h, p + 14) }),
  (l, c, h, p, t): ResetBeginEvent => ({ what: 'reset_begin', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, device: t.digits(h, p + 14), name: t.text(h, p + 16, 4) }),
  (l, c, h, p, t): ResetEndEvent => ({ what: 'reset_end', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, device: t.digits(h, p + 14) }),
  (l, c, h, p, t): TeardownBeginEvent => ({ what: 'teardown_begin', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ufile: t.digits(h, p + 14), reason: numberAt(h, p + 16) }),
  (l, c, h, p, t): TeardownEndEvent => ({ what: 'teardown_end', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ufile: t.digits(h, p + 14) }),
  (l, c, h, p, t): UcontextEndEvent => ({ what: 'ucontext_end', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ucontext: t.digits(h, p + 14), ufile: t.digits(h, p + 16) }),
  (l, c, h, p, t): ZappingBeginEvent => ({ what: 'zapping_begin', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ufile: t.digits(h, p + 14) }),
  (l, c, h, p, t): ZappingEndEvent => ({ what: 'zapping_end', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ufile: t.digits(h, p + 14) }),
  (l, c, h, p, t): DriverOpenEvent => ({ what: 'driver_open', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, vma: t.digits(h, p + 14), mm: t.digits(h, p + 16), start: numberAt(h, p + 18), end: numberAt(h, p + 20), pgoff: numberAt(h, p + 22), flags: t.digits(h, p + 24), ufile: t.digits(h, p + 26) }),
  (l, c, h, p, t): DriverCloseEvent => ({ what: 'driver_close', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, vma: t.digits(h, p + 14), mm: t.digits(h, p + 16), start: numberAt(h, p + 18), end: numberAt(h, p + 20), users: numberAt(h, p + 22), ufile: t.digits(h, p + 24) }),
  (l, c, h, p, t): ForkEvent => ({ what: 'fork', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, mm: t.digits(h, p + 14), child: numberAt(h, p + 16), cgroup: numberAt(h, p + 18) }),
  (l, c, h, p, t): ReturnMissedEvent => ({ what: 'return_missed', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, function: t.text(h, p + 14, 4), ago: numberAt(h, p + 22) }),
  (l, c, h, p, t): MmapIoEvent => ({ what: 'mmap_io', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ret: int32At(h, p + 14), ufile: t.digits(h, p + 16), rdev: numberAt(h, p + 18), vma: t.digits(h, p + 20), mm: t.digits(h, p + 22), start: numberAt(h, p + 24), end: numberAt(h, p + 26), pgoff: numberAt(h, p + 28), flags: t.digits(h, p + 30), pfn: numberAt(h, p + 32), size: numberAt(h, p + 34), umap: t.digits(h, p + 36), ucontext: t.digits(h, p + 38), owner: numberAt(h, p + 40), cgroup: numberAt(h, p + 42) }),
  (l, c, h, p, t): MmapEvent => ({ what: 'mmap', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ret: int32At(h, p + 14), ufile: t.digits(h, p + 16), rdev: numberAt(h, p + 18), vma: t.digits(h, p + 20), mm: t.digits(h, p + 22), start: numberAt(h, p + 24), end: numberAt(h, p + 26), pgoff: numberAt(h, p + 28), flags: t.digits(h, p + 30), ops: t.digits(h, p + 32), private: t.digits(h, p + 34), owner: numberAt(h, p + 36), pfn: numberAt(h, p + 38), cgroup: numberAt(h, p + 40) }),
  (l, c, h, p, t): AttachedLateEvent => ({ what: 'attached_late', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, module: t.text(h, p + 14, 4), ago: numberAt(h, p + 22) }),
  (l, c, h, p, t): RamEvent => ({ what: 'ram', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, pfn: numberAt(h, p + 14), frames: numberAt(h, p + 16) }),
  (l, c, h, p, t): ReadyEvent => ({ what: 'ready', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, probe: numberAt(h, p + 14) }),
  (l, c, h, p, t): SnapshotVmaEvent => ({ what: 'snapshot_vma', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, vma: t.digits(h, p + 14), mm: t.digits(h, p + 16), start: numberAt(h, p + 18), end: numberAt(h, p + 20), pgoff: numberAt(h, p + 22), flags: t.digits(h, p + 24), ops: t.digits(h, p + 26), private: t.digits(h, p + 28), tracked: numberAt(h, p + 30), ufile: t.digits(h, p + 32), rdev: numberAt(h, p + 34), cgroup: numberAt(h, p + 36) }),
  (l, c, h, p, t): SnapshotFdEvent => ({ what: 'snapshot_fd', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ufile: t.digits(h, p + 14), rdev: numberAt(h, p + 16), fd: numberAt(h, p + 18), cgroup: numberAt(h, p + 20) }),
  (l, c, h, p, t): StackEvent => ({ what: 'stack', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, depth: numberAt(h, p + 14), function: t.text(h, p + 16, 4) }),
  (l, c, h, p, t): UfileOpenEvent => ({ what: 'ufile_open', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ret: int32At(h, p + 14), ufile: t.digits(h, p + 16), rdev: numberAt(h, p + 18), cgroup: numberAt(h, p + 20) }),
  (l, c, h, p, t): UfileCloseEvent => ({ what: 'ufile_close', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ufile: t.digits(h, p + 14) }),
  (l, c, h, p, t): UfileFreeEvent => ({ what: 'ufile_free', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, ufile: t.digits(h, p + 14) }),
  (l, c, h, p, t): UmapOpenEvent => ({ what: 'umap_open', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, vma: t.digits(h, p + 14), mm: t.digits(h, p + 16), start: numberAt(h, p + 18), end: numberAt(h, p + 20), pgoff: numberAt(h, p + 22), flags: t.digits(h, p + 24), umap: t.digits(h, p + 26), inherited: t.digits(h, p + 28), parent: t.digits(h, p + 30), pmm: t.digits(h, p + 32), pstart: numberAt(h, p + 34), pend: numberAt(h, p + 36), ufile: t.digits(h, p + 38) }),
  (l, c, h, p, t): UmapCloseEvent => ({ what: 'umap_close', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, vma: t.digits(h, p + 14), mm: t.digits(h, p + 16), start: numberAt(h, p + 18), end: numberAt(h, p + 20), umap: t.digits(h, p + 22), users: numberAt(h, p + 24), ufile: t.digits(h, p + 26) }),
  (l, c, h, p, t): UmapKeptEvent => ({ what: 'umap_kept', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, vma: t.digits(h, p + 14), mm: t.digits(h, p + 16), umap: t.digits(h, p + 18), ufile: t.digits(h, p + 20) }),
  (l, c, h, p, t): UmapFaultEvent => ({ what: 'umap_fault', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, vma: t.digits(h, p + 14), mm: t.digits(h, p + 16), address: numberAt(h, p + 18), flags: t.digits(h, p + 20), ret: t.digits(h, p + 22), umap: t.digits(h, p + 24), ufile: t.digits(h, p + 26) }),
  (l, c, h, p, t): ZapEvent => ({ what: 'zap', n: l.n, ns: l.ns, cpu: l.cpu, seq: l.seq, pid: numberAt(h, p + 6), tid: numberAt(h, p + 8), comm: c, vma: t.digits(h, p + 14), mm: t.digits(h, p + 16), address: numberAt(h, p + 18), size: numberAt(h, p + 20), duration: numberAt(h, p + 22), start: numberAt(h, p + 24), end: numberAt(h, p + 26), flags: t.digits(h, p + 28), umap: t.digits(h, p + 30), ufile: t.digits(h, p + 32) }),
];
