import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { arch, release } from 'node:os';
import { gunzipSync } from 'node:zlib';
import type { KernelFacts, Mount } from '../../doctor/facts.ts';
import { flagIn, namesIn, numberIn, textOf } from './read.ts';

/** Enough of /proc/kallsyms to be past the symbols whose address is truly 0 (per-CPU ones, x86-64 up to 6.14). */
const SYMBOLS_BYTES = 1 << 16;

/** Paths in mountinfo have blanks and backslashes as octal escapes. */
const unescapeOctal = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/**
 * The mounts in the text of /proc/self/mountinfo (proc(5)): `36 35 98:0 /root /point options - type source options`.
 * Of several at one point only the last is seen.
 */
export function parseMounts(mountinfo: string): Mount[] {
  const types = new Map<string, string>();
  for (const line of mountinfo.split('\n')) {
    const [before = '', after] = line.split(' - ');
    const point = before.split(' ')[4];
    const [type] = after?.split(' ') ?? [];
    if (point !== undefined && type !== undefined) types.set(unescapeOctal(point), type);
  }
  return Array.from(types, ([point, type]) => ({ point, type }));
}

/** The options that are set in the text of a kernel's configuration. */
export function parseOptions(config: string): Map<string, string> {
  return new Map(
    Array.from(config.matchAll(/^(CONFIG_\w+)=(.*)$/gm), ([, name = '', value = '']) => [name, value]),
  );
}

function options(): Map<string, string> | null {
  const text = textOf(`/boot/config-${release()}`) ?? textOf(`/lib/modules/${release()}/config`);
  if (text !== null) return parseOptions(text);
  try {
    return parseOptions(gunzipSync(readFileSync('/proc/config.gz')).toString());
  } catch {
    return null;
  }
}

/** Whether any of the first symbols has an address. */
function showsAddresses(): boolean | null {
  try {
    const file = openSync('/proc/kallsyms', 'r');
    const begin = Buffer.alloc(SYMBOLS_BYTES);
    try {
      let length = 0;
      for (let read = -1; read !== 0 && length < begin.length; length += read)
        read = readSync(file, begin, length, begin.length - length, null);
      return /^(?!0+ )[0-9a-f]+ /m.test(begin.toString('latin1', 0, length));
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

const AT_PAGESZ = 6;

/** Bytes of a page, as an auxiliary vector (getauxval(3)) of a 64-bit process tells; null when it does not. */
export function pageSizeIn(auxv: Buffer): number | null {
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) === BigInt(AT_PAGESZ)) return Number(auxv.readBigUInt64LE(at + 8));
  }
  return null;
}

function pageSize(): number | null {
  try {
    return pageSizeIn(readFileSync('/proc/self/auxv'));
  } catch {
    return null;
  }
}

/** What is in brackets: `none [integrity] confidentiality`. */
const chosen = (text: string | null): string | null => /\[(\w+)\]/.exec(text ?? '')?.[1] ?? null;

/** Lines are `0xFIRST-0xLAST\tFUNCTION`. */
const unprobeable = (): string[] | null =>
  textOf('/sys/kernel/debug/kprobes/blacklist')
    ?.split('\n')
    .map((line) => line.split('\t')[1] ?? '') ?? null;

/** What the running kernel is, and lets root do. */
export function kernelFacts(): KernelFacts {
  return {
    release: release(),
    arch: arch() === 'x64' ? 'x86_64' : arch(),
    pageSize: pageSize(),
    options: options(),
    lockdown: chosen(textOf('/sys/kernel/security/lockdown')),
    addresses: showsAddresses(),
    kptrRestrict: numberIn('/proc/sys/kernel/kptr_restrict'),
    perfEventParanoid: numberIn('/proc/sys/kernel/perf_event_paranoid'),
    ftraceEnabled: flagIn('/proc/sys/kernel/ftrace_enabled'),
    kprobesEnabled: flagIn('/sys/kernel/debug/kprobes/enabled'),
    unprobeable: unprobeable(),
    preemption: textOf('/sys/kernel/debug/sched/preempt'),
    btf: namesIn('/sys/kernel/btf'),
    mounts: parseMounts(textOf('/proc/self/mountinfo') ?? ''),
  };
}
