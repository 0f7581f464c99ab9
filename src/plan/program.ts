import { EVENTS } from '../event/events.gen.ts';
import { expand } from './expand.ts';
import type { Kernel } from './kernel.ts';
import type { Attachment, Plan } from './plan.ts';
import type { SnapshotWay } from './snapshot.ts';

/** Function that only reading /proc/version runs (fs/proc/version.c, all kernels). */
export const READY_FUNCTION = 'version_proc_show';
/** The file that triggers {@link READY_FUNCTION}. */
export const READY_FILE = '/proc/version';

/** What a bpftrace needs to be told before it is told its program. */
export interface Settings {
  /** Environment that bpftrace needs to run it. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Whether it is known that the bpftrace that takes it has one buffer for all CPUs (a BPF ring buffer, from 0.19 on), which holds
   * events in order, and not one for each, which are read one after the other.
   */
  readonly shared: boolean;
}

/** What a bpftrace is given to run, and the readiness probes that prove it attached. */
export interface Runnable extends Settings {
  readonly text: string;
  /** Numbers that the readiness probes tell: all of them seen means that everything is attached. */
  readonly readiness: readonly number[];
}

/** What looks at a machine beside the probes of a trace, made for the addresses that its symbols have. */
export interface Looks {
  /** To be run once when it is attached, each by a bpftrace of its own, in the first of its ways that works. */
  readonly snapshots: readonly (readonly SnapshotProgram[])[];
  /** Iterators to be run when a disassociation has ended, each as a program of its own. */
  readonly audits: readonly Attachment[];
  /** Environment that bpftrace needs to load an iterator. */
  readonly iteratorEnv: Readonly<Record<string, string>>;
}

/** The program of a trace. */
export interface Program extends Runnable, Looks {}

/** A program that tells what is there already. */
export interface SnapshotProgram extends Runnable {
  readonly way: SnapshotWay;
}

const probeText = ({ place, body }: Pick<Attachment, 'place' | 'body'>): string =>
  `${place}\n{\n${body}\n}\n`;

/** The program of an iterator: it prints its events and ends. */
export const iteratorProgram = probeText;

/** bpftrace string text of a line, for printf. */
const quote = (line: string): string =>
  line.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/%/g, '%%').replace(/\n/g, '\\n');

/** Maps that are not to be printed at the end: all but the counts, and the calls that have not returned. */
const mapNames = (text: string): string[] =>
  [...new Set(text.match(/@\w+/g) ?? [])].filter((name) => name !== '@n' && !name.startsWith('@in_'));

/**
 * In a container bpftrace 0.23 and later have `pid` and `tid` of its own pid namespace: 0 for every process outside, which would
 * be one thread to all maps (bpf_get_ns_current_pid_tgid). 0.17 have those of the kernel. The kernel's own are in the task.
 */
function withHostPids(text: string, { hostPids, offset }: Kernel): string {
  if (hostPids) return text;
  const members = { pid: 'task_struct.tgid', tid: 'task_struct.pid' };
  return text.replace(/\b(?:pid|tid)\b/g, (word) => {
    const member = offset(word === 'pid' ? members.pid : members.tid);
    return member === undefined ? word : `(uint64)*(uint32*)((uint64)curtask + ${member})`;
  });
}

/**
 * bpftrace attaches its probes in the order of the program or, for some kinds, in the
 * reverse: one readiness probe of each kind in use goes to either end. Who is not root does not set them off.
 */
function readinessProbes(attachments: readonly Attachment[], kernel: Kernel): Attachment[] {
  const trampoline = attachments.find(({ kind }) => kind === 'fentry');
  const keywords = ['kprobe', ...(trampoline?.place.split(':', 1).map((word) => `${word}:vmlinux`) ?? [])];
  return keywords.flatMap((keyword, i) =>
    [2 * i, 2 * i + 1].map((number) => ({
      kind: keyword === 'kprobe' ? ('kprobe' as const) : ('fentry' as const),
      module: 'vmlinux',
      place: `${keyword}:${READY_FUNCTION}`,
      body: `  if (uid == 0) {\n  ${expand(`EMIT(ready, ${number});`, { kernel, argument: (n) => `arg${n}` })}\n  }`,
    })),
  );
}

/** The text of probes between readiness probes, and the numbers of these. */
function provable(
  attachments: readonly Attachment[],
  kernel: Kernel,
): { probes: string; readiness: readonly number[] } {
  const readiness = readinessProbes(attachments, kernel);
  const first = readiness.filter((_, i) => i % 2 === 0);
  const last = readiness.filter((_, i) => i % 2 === 1);
  const probes = withHostPids([...first, ...attachments, ...last].map(probeText).join('\n'), kernel);
  return { probes, readiness: readiness.map((_, i) => i) };
}

/**
 * An event's fields are put together on the BPF stack. By default newer bpftrace (0.23 was seen to) does that in one
 * buffer for each CPU, and where the kernel is preemptible (7.2, 7.3) a second program on that CPU writes into the
 * first one's event. Older ones have always used the stack.
 */
const CONFIG = 'config = {\n  on_stack_limit = 256\n}\n';

/** A program that ends at once, where bpftrace has config blocks. */
export const CONFIG_TRIAL = `${CONFIG}BEGIN { exit(); }`;

/** bpftrace reads the types of vmlinux, and none of modules. */
export const VMLINUX_TYPES = { BPFTRACE_BTF: '/sys/kernel/btf/vmlinux' };

/**
 * Environment that bpftrace needs. Where the kernel has no BTF of modules (5.10), bpftrace up to 0.17 takes it to have none
 * at all, and asks for kernel headers, unless it is told. Told elsewhere, it does not read the BTF of modules (0.17 on 6.1), or
 * does not find iterators (0.27 on 7.2).
 */
export const environment = ({ moduleTypes }: Pick<Kernel, 'moduleTypes'>): Record<string, string> =>
  moduleTypes ? {} : VMLINUX_TYPES;

const isKprobe = ({ kind }: Attachment): boolean => kind === 'kprobe' || kind === 'kretprobe';

/**
 * Environment for a program of these probes. Kprobes need no types of modules, and bpftrace 0.17, unless it is told, looks for the
 * type of each cast in those of every module that is loaded: 0.3 s for each of 285 casts on an emulated 7.3 with 18 of them.
 */
const environmentOf = (attachments: readonly Attachment[], kernel: Kernel): Record<string, string> =>
  attachments.every(isKprobe) ? VMLINUX_TYPES : environment(kernel);

/**
 * What the program of the first attempt will need of its bpftrace, as far as that can be told before the kernel's symbols are read. What
 * methodsFor puts first has a config block, and has kprobes only where this has.
 */
export const likelySettings = (
  { preemptible, moduleTypes }: Pick<Kernel, 'preemptible' | 'moduleTypes'>,
  pin: boolean,
): Settings => ({
  env: pin && moduleTypes && !preemptible ? environment({ moduleTypes }) : VMLINUX_TYPES,
  shared: true,
});

/** A program with these probes, after `begin`, between readiness probes. */
export function makeRunnable(plan: Plan, kernel: Kernel, begin: string): Runnable {
  const { probes, readiness } = provable(plan.attachments, kernel);
  const clear = mapNames(probes).map((name) => `  clear(${name});`);
  const text = [
    ...(plan.config ? [CONFIG] : []),
    ...(begin === '' ? [] : [begin]),
    probes,
    ...(clear.length === 0 ? [] : [`END\n{\n${clear.join('\n')}\n}\n`]),
  ].join('\n');
  return { text, readiness, env: environmentOf(plan.attachments, kernel), shared: plan.config };
}

/**
 * The program for a plan: it prints `first`, then a line for each event, then bpftrace's own print of `@n`, the number of events
 * told on each CPU.
 * @param first a line without a newline. With the recording's header plain bpftrace writes a recording on its standard output
 */
export function makeProgram(plan: Plan, kernel: Kernel, first: string): Program {
  const begin = `BEGIN\n{\n  printf("${quote(first)}\\n");\n}\n`;
  return { ...makeRunnable(plan, kernel, begin), ...looksOf(plan, kernel) };
}

/** The program for a plan of who writes the header himself, when all is attached. The same plan and kernel have the same text. */
export const makeTraceProgram = (plan: Plan, kernel: Kernel): Program => makeProgram(plan, kernel, '');

/** What looks at a machine by a plan. */
export const looksOf = (plan: Plan, kernel: Kernel): Looks => ({
  snapshots: snapshotPrograms(plan, kernel),
  audits: plan.audits,
  iteratorEnv: environment(kernel),
});

/** The programs that tell what is there already. */
export function snapshotPrograms({ snapshots }: Plan, kernel: Kernel): SnapshotProgram[][] {
  return snapshots.map((ways) =>
    ways.map((way) => {
      const env = environmentOf([way.attachment], kernel);
      const about = { way, env, shared: false };
      if (way.reading === null) return { ...about, text: probeText(way.attachment), readiness: [] };
      const { probes, readiness } = provable([way.attachment], kernel);
      return { ...about, text: probes, readiness };
    }),
  );
}

/** The program that reads page tables, run once; none where that is not possible. */
export function auditProgram({ audits }: Plan, kernel: Kernel): SnapshotProgram[] {
  const env = environment(kernel);
  return audits.map((attachment) => {
    const way = { probes: [], attachment, reading: null };
    return { way, text: iteratorProgram(attachment), readiness: [], env, shared: false };
  });
}

/** Tag of the event that a readiness probe tells. */
export const READY_TAG = EVENTS.find(({ name }) => name === 'ready')?.tag ?? '';
