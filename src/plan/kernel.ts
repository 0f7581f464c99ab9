import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { arch, hostname, release, version } from 'node:os';
import { EXIT } from '../exit.ts';
import { PAGE } from '../page.ts';
import { UserError } from '../user-error.ts';
import { Btf, BtfError } from './btf.ts';
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
  /** Whether its processes have the pids for this one that they have for the kernel: not in a container's pid namespace. */
  readonly hostPids: boolean;
  symbol(name: string): KernelSymbol | undefined;
  /** Byte offset of `struct.member`, from vmlinux or from an RDMA module. */
  offset(path: string): number | undefined;
  /** Names of a function's parameters; undefined when its module has no BTF. A struct by value is ''. */
  parameters(symbol: KernelSymbol): string[] | undefined;
}

const BTF_FOLDER = '/sys/kernel/btf';
/** Modules whose own structs the probes read. */
const TYPED_MODULES = ['ib_core', 'ib_uverbs'];

/** BTF files of a kernel, each read once and only when asked for. */
export class BtfFiles {
  readonly #folder: string;
  readonly #read = new Map<string, Btf | null>();

  constructor(folder = BTF_FOLDER) {
    this.#folder = folder;
  }

  /**
   * The types of vmlinux, or of a module; null when they are not told. A module whose types cannot be read has none.
   * @throws UserError when those of vmlinux cannot be read
   */
  of(module: string): Btf | null {
    const known = this.#read.get(module);
    if (known !== undefined) return known;
    const path = `${this.#folder}/${module}`;
    const base = module === 'vmlinux' ? null : this.of('vmlinux');
    const btf = existsSync(path) ? readBtf(path, base) : null;
    this.#read.set(module, btf);
    return btf;
  }
}

function readBtf(path: string, base: Btf | null): Btf | null {
  try {
    return new Btf(readFileSync(path), base);
  } catch (error) {
    if (base !== null) return null; // also when it was unloaded just now
    const isUnreadable = error instanceof BtfError || (error instanceof Error && 'code' in error);
    if (!isUnreadable) throw error;
    const message = `this kernel's types cannot be read (${path}): ${error.message}`;
    throw new UserError(message, { exitCode: EXIT.machine, cause: error });
  }
}

/** Looking up a name reads the whole of a BTF: each is looked up once. */
function remembering<T>(look: (name: string) => T | undefined): (name: string) => T | undefined {
  const known = new Map<string, T | undefined>();
  return (name) => {
    if (!known.has(name)) known.set(name, look(name));
    return known.get(name);
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
export function isPreemptible(): boolean {
  if (!version().includes('PREEMPT')) return false;
  try {
    const modes = readFileSync('/sys/kernel/debug/sched/preempt', 'latin1');
    return !/\((none|voluntary)\)/.test(modes);
  } catch {
    return true;
  }
}

/** Inodes of the first namespaces of a kernel, the same on all (include/linux/proc_ns.h). */
const INITIAL = { user: 'user:[4026531837]', pid: 'pid:[4026531836]' } as const;

/** Whether this process is in the kernel's first namespace of a kind; one that cannot be read is taken for that. */
export function isInitial(kind: keyof typeof INITIAL): boolean {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`) === INITIAL[kind];
  } catch {
    return true;
  }
}

/** Whether the running kernel has the types of any module. */
export const hasModuleTypes = (): boolean => namesIn(BTF_FOLDER).length > 1;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a kernel without BTF has no such folder
  }
}

/** Bytes of /proc/kallsyms (8 MB on 6.12) that are looked through at a time: memory that has been used is fast. */
const PIECE_BYTES = 1 << 16;
const NEWLINE = 0x0a;

/** The text of a file that does not tell its size, in whole lines; the kernel gives a page at a time (seq_read_iter, fs/seq_file.c). */
function* linesOf(path: string): Generator<string, void, void> {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafeSlow(PIECE_BYTES);
    let length = 0;
    for (let read = -1; read !== 0; ) {
      read = readSync(file, bytes, length, bytes.length - length, null);
      length += read;
      if (read > 0 && length + PAGE <= bytes.length) continue;
      const end = read > 0 ? bytes.lastIndexOf(NEWLINE, length - 1) + 1 : length;
      yield bytes.toString('latin1', 0, end);
      bytes.copyWithin(0, end, length);
      length -= end;
    }
  } finally {
    closeSync(file);
  }
}

/** @throws UserError when it is not there (CONFIG_KALLSYMS), or hidden */
function readSymbols(names: readonly string[]): KernelSymbol[] {
  try {
    return findSymbols(linesOf('/proc/kallsyms'), names);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`this kernel's symbols cannot be read: ${why}`, {
      hint: 'run umaptrace as root, on a kernel built with CONFIG_KALLSYMS=y, where /proc/kallsyms is not covered',
      exitCode: EXIT.machine,
      cause: error,
    });
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
  const found = readSymbols(names);
  requireAddresses(found);
  const symbols = new Map(found.map((symbol) => [symbol.name.replace(/\..*/, ''), symbol]));
  return {
    release: release(),
    arch: arch() === 'x64' ? 'x86_64' : arch(),
    hostname: hostname(),
    preemptible: isPreemptible(),
    moduleTypes: hasModuleTypes(),
    hostPids: isInitial('pid'),
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    symbol: (name) => symbols.get(name),
    offset: remembering((path) =>
      firstOffset(path, [vmlinux, ...TYPED_MODULES.map((module) => files.of(module))]),
    ),
    parameters: (symbol) => files.of(symbol.module)?.parameters(symbol.name),
  };
}
