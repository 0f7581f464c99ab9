import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { arch, hostname, release, version } from 'node:os';
import { EXIT } from '../exit.ts';
import { Btf, BtfError } from '../plan/btf.ts';
import { findSymbols, type KernelSymbol, symbolPattern } from '../plan/kallsyms.ts';
import type { Kernel } from '../plan/kernel.ts';
import { WANTED_SYMBOLS } from '../plan/plan.ts';
import { UserError } from '../user-error.ts';
import { run } from './run.ts';

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

const KALLSYMS = '/proc/kallsyms';
/** What grep's status says: there are no such lines, and the file cannot be read. What starts it says more with the first of them. */
const NONE = 1;
const UNREADABLE = 2;

/**
 * The symbols that plans ask for. It takes the kernel long to write all that it has (6.12: 8 MB, a page for each read): a process of
 * its own looks through them.
 * @throws UserError when they are not there (CONFIG_KALLSYMS), or hidden
 */
export async function readSymbols(path = KALLSYMS): Promise<KernelSymbol[]> {
  const words = ['grep', '-E', '-e', symbolPattern(WANTED_SYMBOLS), path];
  // From a folder that everybody can enter: who asks may be in one that he cannot.
  const looked = await run(words, { stdin: 'ignore', env: { LC_ALL: 'C' }, cwd: '/' });
  const { exitCode, signal, stdout, stderr, originalMessage } = looked;
  if (exitCode === 0 || (exitCode === NONE && stderr === '')) return findSymbols(stdout, WANTED_SYMBOLS);
  if (exitCode === UNREADABLE) {
    throw new UserError(`this kernel's symbols cannot be read: ${stderr}`, {
      hint: `run umaptrace as root, on a kernel built with CONFIG_KALLSYMS=y, where ${KALLSYMS} is not covered`,
      exitCode: EXIT.machine,
    });
  }
  const why = stderr || (signal ?? originalMessage ?? `status ${exitCode}`);
  throw new UserError(`grep, which looks through this kernel's symbols, could not be run: ${why}`, {
    hint: 'umaptrace doctor tells what is missing',
    exitCode: EXIT.machine,
  });
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
 * The types whose members the probes read.
 * @throws UserError when vmlinux has none, or they cannot be read
 */
function readTypes(files: BtfFiles): (Btf | null)[] {
  const vmlinux = files.of('vmlinux');
  if (vmlinux !== null) return [vmlinux, ...TYPED_MODULES.map((module) => files.of(module))];
  throw new UserError(`this kernel has no type information (${BTF_FOLDER}/vmlinux is missing)`, {
    hint: 'use a kernel built with CONFIG_DEBUG_INFO_BTF=y',
    exitCode: EXIT.machine,
  });
}

/**
 * Has the running kernel write its symbols.
 * @returns what reads the rest meanwhile, on the calling thread; it rejects with a UserError when the kernel has no BTF or hides its symbols
 */
export function beginKernel(): () => Promise<Kernel> {
  const symbols = readSymbols();
  symbols.catch(() => {}); // whoever asks for the rest is told
  return () => kernelWith(symbols);
}

/**
 * The running kernel.
 * @throws UserError when it has no BTF or hides its symbols
 */
export const runningKernel = (): Promise<Kernel> => beginKernel()();

async function kernelWith(reading: Promise<readonly KernelSymbol[]>): Promise<Kernel> {
  const files = new BtfFiles();
  const types = readTypes(files);
  const found = await reading;
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
    offset: remembering((path) => firstOffset(path, types)),
    parameters: (symbol) => files.of(symbol.module)?.parameters(symbol.name),
  };
}
