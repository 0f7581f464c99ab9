import { EVENTS } from '../event/events.gen.ts';
import { expand } from './expand.ts';
import type { Kernel } from './kernel.ts';
import type { Attachment, Plan } from './plan.ts';

/** Function that only reading /proc/version runs (fs/proc/version.c, all kernels). */
export const READY_FUNCTION = 'version_proc_show';
/** The file that triggers {@link READY_FUNCTION}. */
export const READY_FILE = '/proc/version';

/** A bpftrace program, and the readiness probes that prove it attached. */
export interface Program {
  readonly text: string;
  /** Numbers that the readiness probes tell: all of them seen means that everything is attached. */
  readonly readiness: readonly number[];
  /** Environment that bpftrace needs to run it. */
  readonly env: Readonly<Record<string, string>>;
  /** To be run once when it is attached, each as a program of its own. */
  readonly iterators: readonly Attachment[];
  /** To be run when a disassociation has ended, each as a program of its own. */
  readonly audits: readonly Attachment[];
}

const probeText = ({ place, body }: Attachment): string => `${place}\n{\n${body}\n}\n`;

/** bpftrace string text of a line, for printf. */
const quote = (line: string): string =>
  line.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/%/g, '%%').replace(/\n/g, '\\n');

const mapNames = (text: string): string[] =>
  [...new Set(text.match(/@\w+/g) ?? [])].filter((name) => name !== '@n');

/**
 * bpftrace attaches its probes in the order of the program or, for some kinds, in the
 * reverse: one readiness probe of each kind in use goes to either end.
 */
function readinessProbes({ attachments }: Plan, kernel: Kernel): Attachment[] {
  const trampoline = attachments.find(({ kind }) => kind === 'fentry');
  const keywords = ['kprobe', ...(trampoline?.place.split(':', 1).map((word) => `${word}:vmlinux`) ?? [])];
  return keywords.flatMap((keyword, i) =>
    [2 * i, 2 * i + 1].map((number) => ({
      kind: keyword === 'kprobe' ? ('kprobe' as const) : ('fentry' as const),
      place: `${keyword}:${READY_FUNCTION}`,
      body: `  ${expand(`EMIT(ready, ${number});`, { kernel, argument: (n) => `arg${n}` })}`,
    })),
  );
}

/**
 * An event's fields are put together on the BPF stack. By default newer bpftrace (0.23 was seen to) does that in one
 * buffer for each CPU, and where the kernel is preemptible (7.2, 7.3) a second program on that CPU writes into the
 * first one's event. Older ones have always used the stack.
 */
const CONFIG = 'config = {\n  on_stack_limit = 256\n}\n';

/**
 * Where the kernel has no BTF of modules (5.10), bpftrace up to 0.17 takes it to have none at all, and asks for
 * kernel headers, unless it is told. Told, it does not read the BTF of modules (6.1), which kprobes do not need.
 */
const environment = ({ attachments }: Plan): Record<string, string> =>
  attachments.every(({ kind }) => kind.startsWith('k')) ? { BPFTRACE_BTF: '/sys/kernel/btf/vmlinux' } : {};

/**
 * The program for a plan. Run by plain bpftrace it writes a recording on standard output:
 * `header` first, then a line for each event, then bpftrace's own print of `@n`, the number of events told on each CPU.
 * @param header the recording's first line, without a newline
 */
export function makeProgram(plan: Plan, kernel: Kernel, header: string): Program {
  const readiness = readinessProbes(plan, kernel);
  const first = readiness.filter((_, i) => i % 2 === 0);
  const last = readiness.filter((_, i) => i % 2 === 1);
  const probes = [...first, ...plan.attachments, ...last].map(probeText).join('\n');
  const clear = mapNames(probes).map((name) => `  clear(${name});`);
  const text = [
    ...(plan.config ? [CONFIG] : []),
    `BEGIN\n{\n  printf("${quote(header)}\\n");\n}\n`,
    probes,
    ...(clear.length === 0 ? [] : [`END\n{\n${clear.join('\n')}\n}\n`]),
  ].join('\n');
  const { iterators, audits } = plan;
  return { text, readiness: readiness.map((_, i) => i), env: environment(plan), iterators, audits };
}

/** The program of an iterator: it prints its events and ends. */
export const iteratorProgram = (iterator: Attachment): string => probeText(iterator);

/** Tag of the event that a readiness probe tells. */
export const READY_TAG = EVENTS.find(({ name }) => name === 'ready')?.tag ?? '';
