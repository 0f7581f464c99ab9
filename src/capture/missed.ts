/** Runs of programs that the kernel skipped, as /proc/PID/fdinfo of the bpftrace that holds them tells. */
import { readdir, readFile } from 'node:fs/promises';

/** What a program's kind is called where the kernel does not tell which function it is attached to. */
const KINDS: Readonly<Record<string, string>> = {
  /** BPF_PROG_TYPE_KPROBE and BPF_PROG_TYPE_TRACING (include/uapi/linux/bpf.h). */
  2: 'kprobe/kretprobe',
  26: 'fentry/fexit',
};

/** The `name:\tvalue` lines of one fdinfo. */
const fieldsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(Array.from(text.matchAll(/^(\w+):\t(.*)$/gm), ([, name = '', value = '']) => [name, value]));

/** A link to several functions (kprobe_multi) that has one: the table of them follows. */
const ONLY_FUNCTION = /^kprobe_cnt:\t1\n(?:.*\n)*?[0-9a-fx]+\t (\w+)/m;

interface Skipped {
  readonly what: string;
  readonly count: number;
}

/**
 * A program counts the runs that its recursion guard skipped (`recursion_misses`, bpf_prog_show_fdinfo, from 5.12; those
 * of kprobes from 6.7); a link to a kprobe tells its function and the hits that found no room (`missed`,
 * bpf_perf_link_fdinfo_kprobe and bpf_kprobe_multi_show_fdinfo, seen in 7.2).
 */
function skippedBy(text: string): Skipped[] {
  const fields = fieldsOf(text);
  const kind = KINDS[fields.get('prog_type') ?? ''];
  const guard = fields.get('recursion_misses');
  if (kind !== undefined && guard !== undefined) return [{ what: kind, count: Number(guard) }];
  const missed = fields.get('missed');
  const what = fields.get('name') ?? ONLY_FUNCTION.exec(text)?.[1];
  return missed === undefined || what === undefined ? [] : [{ what, count: Number(missed) }];
}

/** The sums of what these fdinfo texts tell, by function or kind of program; what is told to be none is there, as 0. */
export function sumSkipped(fdinfos: readonly string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { what, count } of fdinfos.flatMap(skippedBy)) {
    sums[what] = (sums[what] ?? 0) + count;
  }
  return sums;
}

/** The runs that the kernel has skipped of the programs that a process holds. */
export async function skippedRuns(pid: number): Promise<Record<string, number>> {
  const folder = `/proc/${pid}/fdinfo`;
  const fds = await readdir(folder).catch(() => []);
  return sumSkipped(
    await Promise.all(fds.map((fd) => readFile(`${folder}/${fd}`, 'latin1').catch(() => ''))),
  );
}
