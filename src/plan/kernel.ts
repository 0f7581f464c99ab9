import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, hostname, release, version } from 'node:os';
import { EXIT } from '../exit.ts';
import { UserError } from '../user-error.ts';
import { Btf } from './btf.ts';
import { findSymbols, type KernelSymbol } from './kallsyms.ts';

/** What a probe plan needs to know of a kernel. */
export interface Kernel {
  readonly release: string;
  readonly arch: string;
  readonly hostname: string;
  readonly bootId: string;
  /** Whether a program may be preempted by another one on the same CPU. */
  readonly preemptible: boolean;
  /** Whether it has the types of any module. */
  readonly moduleTypes: boolean;
  symbol(name: string): KernelSymbol | undefined;
  /** Byte offset of `struct.member`, from vmlinux or from an RDMA module. */
  offset(path: string): number | undefined;
  /** Names of a function's parameters; undefined when its module has no BTF. A struct by value is ''. */
  parameters(symbol: KernelSymbol): string[] | undefined;
}

const BTF_FOLDER = '/sys/kernel/btf';
/** Modules whose own structs the probes read. */
const TYPED_MODULES = ['ib_core', 'ib_uverbs'];

/** BTF files of the running kernel, each read once and only when asked for. */
class BtfFiles {
  readonly #read = new Map<string, Btf | null>();

  of(module: string): Btf | null {
    const known = this.#read.get(module);
    if (known !== undefined) return known;
    const path = `${BTF_FOLDER}/${module}`;
    const base = module === 'vmlinux' ? null : this.of('vmlinux');
    const btf = existsSync(path) ? new Btf(readFileSync(path), base) : null;
    this.#read.set(module, btf);
    return btf;
  }
}

/** Looking up a name reads the whole of a BTF: each is looked up once. */
function remembering<T>(look: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const value = look(name);
    known.set(name, value);
    return value;
  };
}

function firstOffset(path: string, files: readonly (Btf | null)[]): number | undefined {
  for (const btf of files) {
    const offset = btf?.offset(path);
    if (offset !== undefined) return offset;
  }
  return undefined;
}

/**
 * What sched/preempt has in parentheses is in force (kernel/sched/debug.c, sched_dynamic_show): with `full` and `lazy`
 * a BPF trampoline's program can be preempted. A kernel that was built to preempt (init/Makefile puts PREEMPT,
 * PREEMPT_DYNAMIC, PREEMPT_RT, PREEMPT_LAZY into its version) and does not tell is taken to do so.
 */
function isPreemptible(): boolean {
  if (!version().includes('PREEMPT')) return false;
  try {
    const modes = readFileSync('/sys/kernel/debug/sched/preempt', 'latin1');
    return !/\((none|voluntary)\)/.test(modes);
  } catch {
    return true;
  }
}

function requireAddresses(symbols: readonly KernelSymbol[]): void {
  if (symbols.length > 0 && symbols.every(({ address }) => /^0+$/.test(address))) {
    throw new UserError('the kernel hides its addresses (/proc/kallsyms shows zeros)', {
      hint: 'sysctl kernel.kptr_restrict=1',
      exitCode: EXIT.machine,
    });
  }
}

/**
 * The running kernel.
 * @param names symbols that will be asked for
 * @throws UserError when it has no BTF or hides its symbols
 */
export function runningKernel(names: readonly string[]): Kernel {
  const files = new BtfFiles();
  const vmlinux = files.of('vmlinux');
  if (vmlinux === null) {
    throw new UserError(`this kernel has no type information (${BTF_FOLDER}/vmlinux is missing)`, {
      hint: 'use a kernel built with CONFIG_DEBUG_INFO_BTF=y',
      exitCode: EXIT.machine,
    });
  }
  const found = findSymbols(readFileSync('/proc/kallsyms', 'latin1'), names);
  requireAddresses(found);
  const symbols = new Map(found.map((symbol) => [symbol.name.replace(/\..*/, ''), symbol]));
  return {
    release: release(),
    arch: arch() === 'x64' ? 'x86_64' : arch(),
    hostname: hostname(),
    preemptible: isPreemptible(),
    moduleTypes: readdirSync(BTF_FOLDER).length > 1,
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    symbol: (name) => symbols.get(name),
    offset: remembering((path) =>
      firstOffset(path, [vmlinux, ...TYPED_MODULES.map((module) => files.of(module))]),
    ),
    parameters: (symbol) => files.of(symbol.module)?.parameters(symbol.name),
  };
}
