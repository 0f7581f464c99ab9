/**
 * The probe files are bpftrace with a few words of their own, which this module
 * understands and src/plan/expand.ts replaces:
 *
 * - `entry:F`, `return:F`: a probe at entry or return of a kernel function, attached in the best way there is.
 *   `F|G` is the first of them that exists, `F,G` all that exist.
 * - `iter:I`: a bpf iterator, run once when all is attached; a program of its own. `$task` is the task that it is at.
 *   `I|F`: where I cannot be used, a probe on F, which shows the same when a file of /proc/PID is read.
 * - `audit:I`: a bpf iterator that is run when a disassociation has ended.
 * - `CTX(member)`: what the iterator is at: `vma`, `file`, `fd`, `task`.
 * - `ARG(i)`, `RET`: the function's i-th argument and what it returned; at return, arguments are those at entry.
 * - `U64(base, struct.member)`, `U32(...)`: the member of the struct at an address.
 * - `STR32(base, struct.member)`: 32 bytes of text there; zeros where BTF does not know the member.
 * - `OWNER(mm)`: pid of the process that an mm belongs to; 0 where the kernel does not keep it (CONFIG_MEMCG).
 * - `CGROUP(task)`, `CGROUP()`: id of the v2 cgroup of a task, of the current one; 0 where the kernel has no cgroups.
 * - `OFFSET(struct.member)`, `SYMBOL(name)`: a member's offset, a symbol's address.
 * - `OPTIONAL(value)`: a value; 0 where BTF does not know a member of it.
 * - `VALUE64(name, n)`, `VALUE32(name, n)`: the 8 or 4 bytes of a kernel variable; n where the kernel has it not.
 * - `ARCH(x86_64)`: 1 on that architecture, else 0.
 * - `EMIT(event, field...)`: tells an event.
 * - `piece:P`: no probe, but text that stands wherever a probe says `USE(P);`.
 */

/** One probe of a probe file. */
export interface ProbeTemplate {
  readonly file: string;
  readonly kind: 'entry' | 'return' | 'iter' | 'audit';
  /** Each inner list is one attachment: the first of its names that exists is taken. */
  readonly targets: readonly (readonly string[])[];
  readonly body: string;
  /** Names of the events that it tells. */
  readonly events: readonly string[];
}

const PIECE = /^piece:(\S+)\n\{\n([\s\S]*?)\n\}$/gm;
const USE = /^( *)USE\((\w+)\);$/gm;

/** Probe files by name, with the pieces of any of them in place. */
export function withPieces(files: Readonly<Record<string, string>>): Record<string, string> {
  const found = Object.values(files).flatMap((source) => Array.from(source.matchAll(PIECE)));
  const pieces = new Map(found.map(([, name, body = '']) => [name, body]));
  const use = (_: string, indent: string, name: string): string => {
    const body = pieces.get(name);
    if (body === undefined) throw new Error(`there is no piece ${name}`);
    return body.replaceAll(/^ {2}/gm, indent);
  };
  return Object.fromEntries(
    Object.entries(files).map(([file, source]) => [file, source.replaceAll(USE, use)]),
  );
}

const PROBE = /^(entry|return|iter|audit):(\S+)\n\{\n([\s\S]*?)\n\}$/gm;

const isKind = (kind: string): kind is ProbeTemplate['kind'] =>
  ['entry', 'return', 'iter', 'audit'].includes(kind);

/** The probes of one probe file, in its order. */
export function parseProbes(file: string, source: string): ProbeTemplate[] {
  return Array.from(source.matchAll(PROBE), ([, kind = '', targets = '', body = '']) => {
    if (!isKind(kind)) throw new Error(`${file}: unknown kind of probe ${kind}`);
    const events = new Set(Array.from(body.matchAll(/EMIT\((\w+)/g), ([, event = '']) => event));
    return {
      file,
      kind,
      targets: targets.split(',').map((alternatives) => alternatives.split('|')),
      body,
      events: [...events],
    };
  });
}

/** Whether it looks at the machine beside the probes of a trace. */
export const isLook = ({ kind }: ProbeTemplate): boolean => kind === 'iter' || kind === 'audit';

/** Every symbol that probes want an address or a function for. */
export function wantedSymbols(probes: readonly ProbeTemplate[]): string[] {
  // The first name of an iterator is no symbol.
  const targets = probes.flatMap((probe) =>
    probe.targets.flatMap((names) => names.slice(isLook(probe) ? 1 : 0)),
  );
  const named = probes.flatMap(({ body }) =>
    Array.from(body.matchAll(/(?:SYMBOL|VALUE64|VALUE32)\((\w+)/g), ([, name = '']) => name),
  );
  return [...new Set([...targets, ...named])];
}
