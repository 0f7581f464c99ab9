/** How what is there already is looked at: by a bpf iterator, or by a probe on what reading a file of /proc runs. */
import { type Expansion, expand, Unplannable } from './expand.ts';
import type { Kernel } from './kernel.ts';
import type { Attachment, PlannedProbe } from './plan.ts';
import type { ProbeTemplate } from './template.ts';

/** Arguments that bpf_seq_printf takes (MAX_BPRINTF_VARARGS, kernel/bpf/helpers.c). */
const SEQ_PRINTF_ARGUMENTS = 12;
const UNLIMITED = 100;

/** Files below /proc/PID: `maps`, or those in `fdinfo`. */
export type ProcFiles = 'maps' | 'fdinfo';

/** One way to look at what is there already. */
export interface SnapshotWay {
  readonly probes: readonly PlannedProbe[];
  readonly attachment: Attachment;
  /** What must be read of every process while the probe is attached; null for an iterator, which ends by itself. */
  readonly reading: ProcFiles | null;
}

/** Before it had this member, the task_vma iterator used an mm without a reference (kernel/bpf/task_iter.c). */
const SAFE_TASK_VMA = 'bpf_iter_seq_task_vma_info.mm';

const INODE = 'U64(ARG(0), seq_file.private) - OFFSET(proc_inode.vfs_inode)';

/**
 * Functions that are given, one by one, what an iterator would be at, and how: show_map(struct seq_file *, vma), under
 * the mmap_lock or the VMA's own (fs/proc/task_mmu.c); show_fd_locks(struct seq_file *, struct file *, ...), which each read
 * of fdinfo calls (seq_show, fs/proc/fd.c). 5.10 to 7.3.
 */
const WATCHED: Readonly<
  Record<string, { readonly reading: ProcFiles; readonly context: Readonly<Record<string, string>> }>
> = {
  show_map: {
    reading: 'maps',
    context: { vma: 'ARG(1)', task: 'U64(U64(ARG(0), seq_file.private), proc_maps_private.task)' },
  },
  show_fd_locks: {
    reading: 'fdinfo',
    context: {
      file: 'ARG(1)',
      fd: `U32(${INODE}, proc_inode.fd)`,
      task: `U64(U64(${INODE}, proc_inode.pid), pid.tasks) - OFFSET(task_struct.pid_links)`,
    },
  },
};

/** Why an iterator cannot be used; null when it can. */
function unusable(iterator: string, kernel: Kernel, known: ReadonlySet<string> | undefined): string | null {
  if (known?.has(iterator) === false) return `this bpftrace has no ${iterator} iterator`;
  if (iterator !== 'task_vma' || kernel.offset(SAFE_TASK_VMA) !== undefined) return null;
  return "this kernel's task_vma iterator is not safe, or not there";
}

const argument = (i: number): string => `arg${i}`;

function iteratorBody(body: string, kernel: Kernel): string {
  const context = (member: string): string => `(uint64)ctx->${member}`;
  return expand(body, { kernel, argument, snapshot: { context, printfArguments: SEQ_PRINTF_ARGUMENTS } });
}

function watchedBody(body: string, name: string, kernel: Kernel): string {
  const plain: Expansion = { kernel, argument };
  const context = (member: string): string => {
    const text = WATCHED[name]?.context[member];
    if (text === undefined) throw new Unplannable(`${name} is not given a ${member}`);
    return `(uint64)(${expand(text, plain)})`;
  };
  return expand(body, { ...plain, snapshot: { context, printfArguments: UNLIMITED } });
}

/**
 * The ways to take a snapshot, best first, and why each of the others is not one.
 * @param known iterators that bpftrace has; undefined when it does not tell
 */
export function snapshotWays(
  { events, targets, body }: ProbeTemplate,
  kernel: Kernel,
  known: ReadonlySet<string> | undefined,
): { ways: SnapshotWay[]; not: readonly PlannedProbe[] } {
  const [iterator = '', instead = ''] = targets[0] ?? [];
  const module = 'vmlinux';
  const say = (name: string, kind: 'iter' | 'kprobe' | null, reason: string): PlannedProbe[] =>
    events.map((event) => ({ event, function: name, module, kind, reason }));
  let why = unusable(iterator, kernel, known);
  const ways: SnapshotWay[] = [];
  try {
    if (why === null) {
      const place = `iter:${iterator}`;
      const attachment: Attachment = { kind: 'iter', module, place, body: iteratorBody(body, kernel) };
      ways.push({ probes: say(iterator, 'iter', 'run once, at the start'), attachment, reading: null });
    }
    const { reading } = WATCHED[instead] ?? {};
    if (reading !== undefined && kernel.symbol(instead) !== undefined) {
      const reason = `${why ?? `the ${iterator} iterator did not work`}: /proc/PID/${reading} is read at the start`;
      const place = `kprobe:${instead}`;
      const attachment: Attachment = {
        kind: 'kprobe',
        module,
        place,
        body: watchedBody(body, instead, kernel),
      };
      ways.push({ probes: say(instead, 'kprobe', reason), attachment, reading });
    }
  } catch (error) {
    if (!(error instanceof Unplannable)) throw error;
    why ??= error.message;
  }
  return { ways, not: say(iterator, null, why ?? '') };
}
