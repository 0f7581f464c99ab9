/** What the checks are told of a machine. Throughout, null is: not there, or not readable by this user. */

/** Who umaptrace runs as. */
export interface ProcessFacts {
  readonly euid: number;
  /** uid of the user who called sudo. */
  readonly caller: number | null;
  /** Effective capabilities, `CAP_BPF`. */
  readonly capabilities: ReadonlySet<string>;
  readonly initialUserNamespace: boolean;
  readonly initialPidNamespace: boolean;
  /** The line that runs the same as root. */
  readonly asRoot: string;
}

/** A file system, as /proc/self/mountinfo has it. */
export interface Mount {
  readonly point: string;
  readonly type: string;
}

/** What the running kernel is, and lets root do. */
export interface KernelFacts {
  readonly release: string;
  /** `x86_64` */
  readonly arch: string;
  /** Bytes. */
  readonly pageSize: number | null;
  /** `CONFIG_KPROBES` -> `y`; options that are not set are not in it. */
  readonly options: ReadonlyMap<string, string> | null;
  /** The lockdown in force: `none`, `integrity`, `confidentiality`. */
  readonly lockdown: string | null;
  /** Whether /proc/kallsyms shows addresses to this user. */
  readonly addresses: boolean | null;
  readonly kptrRestrict: number | null;
  readonly perfEventParanoid: number | null;
  readonly ftraceEnabled: boolean | null;
  /** /sys/kernel/debug/kprobes/enabled: false when all are disarmed. */
  readonly kprobesEnabled: boolean | null;
  /** Functions that may not have a kprobe: /sys/kernel/debug/kprobes/blacklist. */
  readonly unprobeable: readonly string[] | null;
  /** The words of /sys/kernel/debug/sched/preempt, the one in force in parentheses. */
  readonly preemption: string | null;
  /** Files in /sys/kernel/btf: `vmlinux`, and the modules that have type information. */
  readonly btf: readonly string[] | null;
  readonly mounts: readonly Mount[];
}

/** What a tiny program came to. */
export interface Trial {
  /** It read the kernel's memory and said so. */
  readonly worked: boolean;
  /** `status 1`, `SIGKILL`. */
  readonly ending: string;
  /** The last lines that bpftrace said on standard error. */
  readonly words: readonly string[];
}

/** The bpftrace that would be used. */
export interface BpftraceFacts {
  readonly path: string;
  /** null: not asked. */
  readonly version: string | null;
  /** null: not tried. */
  readonly trial: Trial | null;
}

/** A limit on memory that holds for this process. */
export interface MemoryFacts {
  /** Bytes that can still be had. */
  readonly available: number;
  /** The file of the cgroup that sets the limit, and the bytes that it allows in all; null: it is all that the machine has. */
  readonly limit: { readonly file: string; readonly bytes: number } | null;
}

/** A file that root runs, or a folder on the way to it. */
export interface OwnedPath {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** An RDMA device and its driver; a software device has none in sysfs but is known. */
export interface DeviceFacts {
  readonly name: string;
  readonly driver: string | null;
}

/** An event that the probe plan cannot see. */
export interface Loss {
  readonly event: string;
  readonly function: string;
  readonly reason: string;
  /** What will not be seen for want of it. */
  readonly without: string;
}

/** What the probe plan for this kernel comes to. */
export interface PlanFacts {
  /** Probes that would be attached. */
  readonly probes: number;
  readonly losses: readonly Loss[];
  /** How what was mapped before the trace is listed: by an iterator (`kind` iter), or why by a probe; null: it is not. */
  readonly snapshot: { readonly function: string; readonly kind: string; readonly reason: string } | null;
  /** Functions that are probed, and the modules that have them. */
  readonly functions: readonly string[];
  readonly modules: readonly string[];
}

/** Everything that the checks are told. */
export interface Facts {
  /** Whether programs can be started as umaptrace starts them; null: not tried. */
  readonly starts: boolean | null;
  readonly process: ProcessFacts;
  readonly kernel: KernelFacts;
  readonly bpftrace: BpftraceFacts | null;
  readonly memory: MemoryFacts | null;
  readonly programs: readonly OwnedPath[];
  readonly uverbs: boolean;
  readonly devices: readonly DeviceFacts[];
  /** null: not planned, or the plan cannot be made. */
  readonly plan: PlanFacts | null;
  /** Why the plan cannot be made; null when it can, or was not tried. */
  readonly unplanned: string | null;
}
