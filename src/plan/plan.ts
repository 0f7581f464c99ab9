import { EVENTS } from '../event/events.gen.ts';
import { expand, Unplannable } from './expand.ts';
import type { KernelSymbol } from './kallsyms.ts';
import type { Kernel } from './kernel.ts';
import { atReturn } from './kretprobe.ts';
import { PROBES } from './probes.gen.ts';
import { type SnapshotWay, snapshotWays } from './snapshot.ts';
import { isLook, type ProbeTemplate, parseProbes, wantedSymbols, withPieces } from './template.ts';

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
  /** Module of the function, `vmlinux` for the kernel itself. */
  readonly module: string;
  /** bpftrace's name for the place, `fentry:ib_uverbs:rdma_umap_open`. */
  readonly place: string;
  readonly body: string;
}

/** What will be attached to a kernel, and what cannot be. */
export interface Plan {
  readonly probes: readonly PlannedProbe[];
  readonly attachments: readonly Attachment[];
  /** What tells what is there already: each is run once, by a bpftrace of its own, in the first of its ways that works. */
  readonly snapshots: readonly (readonly SnapshotWay[])[];
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
 * @param pin whether modules may be kept from being unloaded, as trampolines do
 */
export const methodsFor = (kernel: Kernel, pin = true): readonly [Method, ...Method[]] =>
  !pin || kernel.preemptible || !hasModuleTypes(kernel)
    ? ['kprobe', 'old-kprobe']
    : ['fentry', 'kfunc', 'kprobe', 'old-kprobe'];

/** Without types of modules (5.10) trampolines would do for a few functions of vmlinux: not worth another attempt. */
function hasModuleTypes(kernel: Kernel): boolean {
  const mmap = kernel.symbol('ib_uverbs_mmap');
  return mmap === undefined || kernel.parameters(mmap) !== undefined;
}

/** Whether the bpftrace that a method is for has a config block (from 0.20 on). */
const hasConfig = (method: Method): boolean => method === 'fentry' || method === 'kprobe';

/**
 * The best method that a bpftrace can take.
 * @param config whether it has config blocks; undefined when that is not known: a new one is taken for granted
 */
export function methodFor(kernel: Kernel, config = true): Method {
  const methods = methodsFor(kernel);
  return methods.find((method) => hasConfig(method) === config) ?? methods[0];
}

/** What bpftrace calls a trampoline probe. */
const KEYWORDS = {
  fentry: { fentry: 'fentry', fexit: 'fexit' },
  kfunc: { fentry: 'kfunc', fexit: 'kretfunc' },
} as const;

/** The probes of the project, in the order of their files. */
const TEMPLATES: readonly ProbeTemplate[] = Object.entries(withPieces(PROBES)).flatMap(([file, source]) =>
  parseProbes(file, source),
);

/** Symbols that {@link makePlan} will ask a kernel for. */
export const WANTED_SYMBOLS: readonly string[] = wantedSymbols(TEMPLATES);

const nothing = { attachments: [], snapshots: [], audits: [] } as const;

interface Way {
  readonly kind: AttachKind;
  readonly reason: string;
  readonly attachments: Attachment[];
}

const argumentNumbers = (body: string): number[] => [
  ...new Set(Array.from(body.matchAll(/ARG\((\d)\)/g), ([, i = '0']) => Number(i))),
];

/**
 * The trampoline way; undefined when a parameter that the body needs cannot be named. Each is named once: wherever a program
 * says `args`, bpftrace (0.17 to 0.23) searches all of BTF for the function.
 */
function byTrampoline(
  template: ProbeTemplate,
  symbol: KernelSymbol,
  kernel: Kernel,
  method: 'fentry' | 'kfunc',
): Way | undefined {
  const parameters = kernel.parameters(symbol);
  if (parameters === undefined) return undefined;
  const used = argumentNumbers(template.body);
  if (used.some((i) => (parameters[i] ?? '') === '')) return undefined;
  const kind = template.kind === 'entry' ? 'fentry' : 'fexit';
  const place = `${KEYWORDS[method][kind]}:${symbol.module}:${symbol.name}`;
  const load = used.map((i) => `  $arg${i} = (uint64)args->${parameters[i]};`);
  const body = [...load, expand(template.body, { kernel, argument: (i) => `$arg${i}` })].join('\n');
  return { kind, reason: 'BTF has it', attachments: [{ kind, module: symbol.module, place, body }] };
}

/** What every trace needs; a trampoline keeps the module of its function from being unloaded, and drivers come and go. */
const KEPT: ReadonlySet<string> = new Set(['vmlinux', 'ib_core', 'ib_uverbs', 'ib_uverbs_support']);

function whyKprobe(symbol: KernelSymbol, kernel: Kernel): string {
  if (!KEPT.has(symbol.module)) return `a trampoline would keep ${symbol.module} from being unloaded`;
  if (kernel.preemptible) return 'a trampoline would skip runs on this preemptible kernel';
  if (kernel.parameters(symbol) === undefined) return `no usable BTF of ${symbol.module}`;
  return 'trampolines are not used here';
}

/**
 * How a kprobe's function is named. bpftrace 0.26 and later make one link of the two probes of a function that is named
 * alone (kprobe.session, from 6.10 on), and such a link keeps its module from being unloaded (bpf_kprobe_multi_link_attach).
 * 0.20 is the first that takes a module.
 */
const functionName = ({ module, name }: KernelSymbol, method: Method): string =>
  module === 'vmlinux' || !hasConfig(method) ? name : `${module}:${name}`;

function byKprobe(template: ProbeTemplate, symbol: KernelSymbol, kernel: Kernel, method: Method): Way {
  const reason = whyKprobe(symbol, kernel);
  const name = functionName(symbol, method);
  const at = (kind: 'kprobe' | 'kretprobe', body: string): Attachment => ({
    kind,
    module: symbol.module,
    place: `${kind}:${name}`,
    body,
  });
  if (template.kind === 'entry') {
    const body = expand(template.body, { kernel, argument: (i) => `arg${i}` });
    return { kind: 'kprobe', reason, attachments: [at('kprobe', body)] };
  }
  const bodies = atReturn(symbol.name, template.body, argumentNumbers(template.body), kernel);
  const attachments = [at('kprobe', bodies.entry), at('kretprobe', bodies.atReturn)];
  return { kind: 'kretprobe', reason, attachments };
}

/** How the probes of a plan may be attached. */
interface Means {
  readonly method: Method;
  /** Places that bpftrace could not attach to, and why. */
  readonly refused: ReadonlyMap<string, string>;
}

/** @throws Unplannable when no way is left */
function choose(
  template: ProbeTemplate,
  symbol: KernelSymbol,
  kernel: Kernel,
  { method, refused }: Means,
): Way {
  const reasonOf = ({ attachments }: Way): string | undefined =>
    attachments.map(({ place }) => refused.get(place)).find((reason) => reason !== undefined);
  const trampoline =
    method === 'kprobe' || method === 'old-kprobe' || !KEPT.has(symbol.module)
      ? undefined
      : byTrampoline(template, symbol, kernel, method);
  if (trampoline !== undefined && reasonOf(trampoline) === undefined) return trampoline;
  const way = byKprobe(template, symbol, kernel, method);
  const reason = reasonOf(way);
  if (reason !== undefined) throw new Unplannable(reason);
  return way;
}

/** One target of one template: what it comes to on this kernel. */
function planTarget(template: ProbeTemplate, names: readonly string[], kernel: Kernel, means: Means): Part {
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
    const way = choose(template, symbol, kernel, means);
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

function planSnapshot(template: ProbeTemplate, kernel: Kernel, known?: ReadonlySet<string>): Part {
  const { ways, not } = snapshotWays(template, kernel, known);
  const [best] = ways;
  return best === undefined
    ? { ...nothing, probes: not }
    : { ...nothing, probes: best.probes, snapshots: [ways] };
}

function planAudit(template: ProbeTemplate, kernel: Kernel, known?: ReadonlySet<string>): Part {
  const { ways, not } = snapshotWays(template, kernel, known);
  const tell = (kind: AttachKind | null, reason: string): PlannedProbe[] =>
    not.map((probe) => ({ ...probe, kind, reason }));
  if (kernel.arch !== 'x86_64') {
    return { ...nothing, probes: tell(null, `page tables of ${kernel.arch} are not understood`) };
  }
  const [best] = ways;
  return best === undefined
    ? { ...nothing, probes: not }
    : { ...nothing, probes: tell('iter', 'run when a disassociation has ended'), audits: [best.attachment] };
}

/** Of several targets, those that this kernel does not have are not missed as long as there is one. */
function withoutAbsent(plans: readonly Part[]): Part[] {
  const found = plans.filter(({ probes }) => probes.some(({ module }) => module !== null));
  return found.length > 0 ? found : plans.slice(0, 1);
}

const planTargets = (template: ProbeTemplate, kernel: Kernel, means: Means): Part[] =>
  withoutAbsent(template.targets.map((names) => planTarget(template, names, kernel, means)));

/** What is known besides the kernel. */
export interface PlanOptions {
  readonly method?: Method;
  /** Places that bpftrace could not attach to, and why. */
  readonly refused?: ReadonlyMap<string, string>;
  /** Iterators that bpftrace has; all, if not told. */
  readonly iterators?: ReadonlySet<string> | undefined;
  /** False: without what looks at the machine beside the probes. */
  readonly looks?: boolean;
}

/** The plan for a kernel: for each probe the best way that the method allows. */
export function makePlan(kernel: Kernel, options: PlanOptions = {}): Plan {
  const { method = methodsFor(kernel)[0], refused = new Map<string, string>(), iterators } = options;
  const { looks = true } = options;
  const parts = TEMPLATES.flatMap((template) => {
    if (!looks && isLook(template)) return [];
    if (template.kind === 'iter') return [planSnapshot(template, kernel, iterators)];
    if (template.kind === 'audit') return [planAudit(template, kernel, iterators)];
    return planTargets(template, kernel, { method, refused });
  });
  return {
    probes: parts.flatMap(({ probes }) => probes),
    attachments: parts.flatMap(({ attachments }) => attachments),
    snapshots: parts.flatMap(({ snapshots }) => snapshots),
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

/** The plan with what has come of some of its probes. */
export function withProbes(plan: Plan, told: readonly PlannedProbe[]): Plan {
  const byEvent = new Map(told.map((probe) => [probe.event, probe]));
  return { ...plan, probes: plan.probes.map((probe) => byEvent.get(probe.event) ?? probe) };
}

/** Modules that cannot be unloaded while a plan's trampolines are attached. */
export function pinnedModules({ attachments }: Plan): string[] {
  const pinning = attachments.filter(({ kind, module }) => kind.startsWith('f') && module !== 'vmlinux');
  return [...new Set(pinning.map(({ module }) => module))];
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
