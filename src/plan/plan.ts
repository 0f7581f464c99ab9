import { EVENTS } from '../event/events.gen.ts';
import { type Expansion, expand, Unplannable } from './expand.ts';
import type { KernelSymbol } from './kallsyms.ts';
import type { Kernel } from './kernel.ts';
import { PROBES } from './probes.gen.ts';
import { type ProbeTemplate, parseProbes, wantedSymbols } from './template.ts';

/** How a probe is attached; null when it cannot be. */
export type AttachKind = 'fentry' | 'fexit' | 'kprobe' | 'kretprobe' | 'iter';

/** What the plan says of one event at one function. */
export interface PlannedProbe {
  readonly event: string;
  readonly function: string;
  /** Module of the function, `vmlinux` for the kernel itself; null when the function is missing. */
  readonly module: string | null;
  readonly kind: AttachKind | null;
  /** Why it is attached this way, or not at all. */
  readonly reason: string;
}

/** One piece of bpftrace to attach. */
export interface Attachment {
  readonly kind: AttachKind;
  /** bpftrace's name for the place, `fentry:ib_uverbs:rdma_umap_open`. */
  readonly place: string;
  readonly body: string;
}

/** What will be attached to a kernel, and what cannot be. */
export interface Plan {
  readonly probes: readonly PlannedProbe[];
  readonly attachments: readonly Attachment[];
  /** Iterators that tell what is there already; each is run once, by a bpftrace of its own. */
  readonly iterators: readonly Attachment[];
  /** Iterators that read the page tables when a disassociation has ended: one, or none where that is not possible. */
  readonly audits: readonly Attachment[];
  /** Whether the program may begin with a config block. */
  readonly config: boolean;
}

/** What one probe adds to a plan. */
type Part = Omit<Plan, 'config'>;

/**
 * The ways of attaching that may be used: trampolines where BTF allows, by the name that newer or that
 * older (0.17) bpftrace have for them, or kprobes alone, for newer and for older ones.
 */
export type Method = 'fentry' | 'kfunc' | 'kprobe' | 'old-kprobe';

/**
 * The ways of attaching, best first. Where programs can be preempted a trampoline skips a program that is already
 * running on that CPU (recursion guard, kernel/bpf/trampoline.c; seen on 7.3): events would be missed. Kprobes run theirs
 * with preemption off.
 */
export const methodsFor = ({ preemptible }: Kernel): readonly [Method, ...Method[]] =>
  preemptible ? ['kprobe', 'old-kprobe'] : ['fentry', 'kfunc', 'kprobe', 'old-kprobe'];

/** Whether the bpftrace that a method is for has a config block (from 0.20 on). */
const hasConfig = (method: Method): boolean => method === 'fentry' || method === 'kprobe';

/** What bpftrace calls a trampoline probe. */
const KEYWORDS = {
  fentry: { fentry: 'fentry', fexit: 'fexit' },
  kfunc: { fentry: 'kfunc', fexit: 'kretfunc' },
} as const;

/** The probes of the project, in the order of their files. */
export const TEMPLATES: readonly ProbeTemplate[] = Object.entries(PROBES).flatMap(([file, source]) =>
  parseProbes(file, source),
);

/** Symbols that {@link makePlan} will ask a kernel for. */
export const WANTED_SYMBOLS: readonly string[] = wantedSymbols(TEMPLATES);

const nothing = { attachments: [], iterators: [], audits: [] } as const;

interface Way {
  readonly kind: AttachKind;
  readonly reason: string;
  readonly attachments: Attachment[];
}

const argumentNumbers = (body: string): number[] => [
  ...new Set(Array.from(body.matchAll(/ARG\((\d)\)/g), ([, i = '0']) => Number(i))),
];

/** The trampoline way; undefined when a parameter that the body needs cannot be named. */
function byTrampoline(
  template: ProbeTemplate,
  symbol: KernelSymbol,
  kernel: Kernel,
  method: 'fentry' | 'kfunc',
): Way | undefined {
  const parameters = kernel.parameters(symbol);
  if (parameters === undefined) return undefined;
  if (argumentNumbers(template.body).some((i) => (parameters[i] ?? '') === '')) return undefined;
  const kind = template.kind === 'entry' ? 'fentry' : 'fexit';
  const expansion: Expansion = { kernel, argument: (i) => `(uint64)args->${parameters[i]}` };
  const place = `${KEYWORDS[method][kind]}:${symbol.module}:${symbol.name}`;
  return {
    kind,
    reason: 'BTF has it',
    attachments: [{ kind, place, body: expand(template.body, expansion) }],
  };
}

/** At return a kretprobe no longer has the arguments: a kprobe at entry keeps them, by thread. */
function byKprobe(template: ProbeTemplate, symbol: KernelSymbol, kernel: Kernel): Way {
  const reason = `no usable BTF of ${symbol.module}`;
  const plain: Expansion = { kernel, argument: (i) => `arg${i}` };
  if (template.kind === 'entry') {
    const attachment: Attachment = {
      kind: 'kprobe',
      place: `kprobe:${symbol.name}`,
      body: expand(template.body, plain),
    };
    return { kind: 'kprobe', reason, attachments: [attachment] };
  }
  const kept = argumentNumbers(template.body);
  const map = (i: number): string => `@${symbol.name.replace(/\W/g, '_')}_arg${i}[tid]`;
  const keep = kept.map((i) => `  ${map(i)} = arg${i};`).join('\n');
  const [first = 0, ...others] = kept;
  const load = others.map((i) => `  $arg${i} = ${map(i)};\n`).join('');
  const forget = kept.map((i) => `  delete(${map(i)});\n`).join('');
  const body = expand(template.body, { kernel, argument: (i) => `$arg${i}` });
  const seen =
    kept.length === 0
      ? body
      : `  $arg${first} = ${map(first)};\n  if ($arg${first} != 0) {\n${load}${forget}${body}\n  }`;
  return {
    kind: 'kretprobe',
    reason,
    attachments: [
      ...(keep === '' ? [] : [{ kind: 'kprobe' as const, place: `kprobe:${symbol.name}`, body: keep }]),
      { kind: 'kretprobe', place: `kretprobe:${symbol.name}`, body: seen },
    ],
  };
}

function choose(template: ProbeTemplate, symbol: KernelSymbol, kernel: Kernel, method: Method): Way {
  const trampoline =
    method === 'kprobe' || method === 'old-kprobe'
      ? undefined
      : byTrampoline(template, symbol, kernel, method);
  return trampoline ?? byKprobe(template, symbol, kernel);
}

/** One target of one template: what it comes to on this kernel. */
function planTarget(template: ProbeTemplate, names: readonly string[], kernel: Kernel, method: Method): Part {
  const say = (
    name: string,
    module: string | null,
    kind: AttachKind | null,
    reason: string,
  ): PlannedProbe[] => template.events.map((event) => ({ event, function: name, module, kind, reason }));
  const wanted = names.join('|');
  const symbol = names.map((name) => kernel.symbol(name)).find((found) => found !== undefined);
  if (symbol === undefined) {
    return { ...nothing, probes: say(wanted, null, null, 'this kernel has no such function') };
  }
  try {
    const way = choose(template, symbol, kernel, method);
    return {
      ...nothing,
      probes: say(symbol.name, symbol.module, way.kind, way.reason),
      attachments: way.attachments,
    };
  } catch (error) {
    if (!(error instanceof Unplannable)) throw error;
    return { ...nothing, probes: say(symbol.name, symbol.module, null, error.message) };
  }
}

/** Before it had this member, the task_vma iterator used an mm without a reference (kernel/bpf/task_iter.c). */
const SAFE_TASK_VMA = 'bpf_iter_seq_task_vma_info.mm';

function planIterator(template: ProbeTemplate, kernel: Kernel): Part {
  const name = template.targets[0]?.[0] ?? '';
  const say = (kind: 'iter' | null, reason: string): PlannedProbe[] =>
    template.events.map((event) => ({ event, function: name, module: 'vmlinux', kind, reason }));
  if (name === 'task_vma' && kernel.offset(SAFE_TASK_VMA) === undefined) {
    return { ...nothing, probes: say(null, "this kernel's task_vma iterator is not safe, or not there") };
  }
  if (template.kind === 'audit' && kernel.arch !== 'x86_64') {
    return { ...nothing, probes: say(null, `page tables of ${kernel.arch} are not understood`) };
  }
  try {
    const body = expand(template.body, { kernel, argument: (i) => `arg${i}`, iterator: true });
    const iterators = [{ kind: 'iter', place: `iter:${name}`, body } as const];
    if (template.kind === 'iter') {
      return { ...nothing, probes: say('iter', 'run once, at the start'), iterators };
    }
    return { ...nothing, probes: say('iter', 'run when a disassociation has ended'), audits: iterators };
  } catch (error) {
    if (!(error instanceof Unplannable)) throw error;
    return { ...nothing, probes: say(null, error.message) };
  }
}

/** Of several targets, those that this kernel does not have are not missed as long as there is one. */
function withoutAbsent(plans: readonly Part[]): Part[] {
  const found = plans.filter(({ probes }) => probes.some(({ module }) => module !== null));
  return found.length > 0 ? found : plans.slice(0, 1);
}

function planTemplate(template: ProbeTemplate, kernel: Kernel, method: Method): Part[] {
  switch (template.kind) {
    case 'iter':
    case 'audit':
      return [planIterator(template, kernel)];
    default:
      return withoutAbsent(template.targets.map((names) => planTarget(template, names, kernel, method)));
  }
}

/** The plan for a kernel: for each probe the best way that the method allows. */
export function makePlan(kernel: Kernel, method: Method = methodsFor(kernel)[0]): Plan {
  const parts = TEMPLATES.flatMap((template) => planTemplate(template, kernel, method));
  return {
    probes: parts.flatMap(({ probes }) => probes),
    attachments: parts.flatMap(({ attachments }) => attachments),
    iterators: parts.flatMap(({ iterators }) => iterators),
    audits: parts.flatMap(({ audits }) => audits),
    config: hasConfig(method),
  };
}

/** The plan without the reading of page tables, which is missing for a reason. */
export function withoutAudit(plan: Plan, reason: string): Plan {
  const off = { kind: null, reason };
  const probes = plan.probes.map((probe) => (probe.event === 'audit' ? { ...probe, ...off } : probe));
  return { ...plan, probes, audits: [] };
}

/** What a recording cannot show for want of a probe: one line for each event that nothing tells. */
export function missingEvents(
  plan: Plan,
): { event: string; function: string; reason: string; without: string }[] {
  const told = new Set(plan.probes.filter(({ kind }) => kind !== null).map(({ event }) => event));
  return plan.probes
    .filter(({ event }) => !told.has(event))
    .map((probe) => ({
      event: probe.event,
      function: probe.function,
      reason: probe.reason,
      without: EVENTS.find(({ name }) => name === probe.event)?.without ?? '',
    }));
}
