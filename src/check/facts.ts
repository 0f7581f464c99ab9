import type { Missing } from './finding.ts';
import type { Rule } from './rule.ts';
import { counted } from './words.ts';

/** One probe, as the recording's header tells. */
export interface ProbeFact {
  readonly event: string;
  readonly function: string;
  readonly attached: boolean;
  /** Whether this kernel has no such function. */
  readonly absent: boolean;
  /** Why it is not attached; empty when nothing is said. */
  readonly reason: string;
}

/** What a recording says of itself, and what reading it showed. */
export interface RecordingFacts {
  readonly probes: readonly ProbeFact[];
  /** Whether it was ended in order. */
  readonly ended: boolean;
  /** Why it is not complete, as it says. */
  readonly reasons: readonly string[];
  /** Until when everything was traced, ns since the origin; null when that is not known. */
  readonly end: number | null;
  /** Events lost, as bpftrace told. */
  readonly lost: number;
  /** Of those, returns of calls that a map of bpftrace had no room for: no hole in the numbers of events shows where. */
  readonly unkept: number;
  /** Where it has no end: what one CPU told last may be so much older than what another did, ns. */
  readonly tail: number;
  readonly late: number;
  /** Event lines that its end counts and that are not in it. */
  readonly absent: number;
  readonly unreadable: number;
  /** Program runs that the kernel skipped, by program. */
  readonly missed: Readonly<Record<string, number>>;
  /** The kernel may have skipped more, and does not count it. */
  readonly uncounted: boolean;
}

/** Events whose functions some kernels never had, so that nothing of theirs is missing there. */
const OPTIONAL: readonly string[] = ['reset_begin', 'reset_end', 'umap_fault'];

const lack = (what: string, how: string): Missing => ({
  rule: null,
  what,
  how,
  evidence: [],
  decides: true,
});

/** Whether an event would have been told had it happened; a reason why not, else null. */
export function unattached(probes: readonly ProbeFact[], event: string): string | null {
  const of = probes.filter((probe) => probe.event === event);
  if (of.length === 0) return `the recording does not say whether ${event} was traced`;
  const bad = of.find(({ attached, absent }) => !attached && !(absent && OPTIONAL.includes(event)));
  if (bad === undefined) return null;
  return `${event} (${bad.function}) was not traced${bad.reason === '' ? '' : `: ${bad.reason}`}`;
}

/** Probes that a rule needs and did not have. */
export function lackingProbes(rule: Rule, { probes }: RecordingFacts): Missing[] {
  return rule.needs.flatMap((event) => {
    const what = unattached(probes, event);
    if (what === null) return [];
    const how = 'umaptrace doctor says what is missing on this machine, and how to mend it';
    return [{ rule: rule.name, what, how, evidence: [], decides: rule.severity === 'violation' }];
  });
}

/** What the recording as a whole lacks, apart from the gaps that its events show. */
export function lackingAtAll(facts: RecordingFacts): Missing[] {
  const all: Missing[] = [];
  if (!facts.ended || facts.reasons.length > 0) {
    const why = facts.reasons.join('; ') || 'it has no end: the tracer was stopped, or the file was cut';
    all.push(
      lack(`the recording is not complete: ${why}`, 'let umaptrace end in order: Ctrl-C once, or --duration'),
    );
  }
  if (facts.late > 0) {
    const how =
      'record on a machine that is less busy, with umaptrace record (no live view); where this was read from a pipe, read it from a file';
    all.push(lack(`${counted(facts.late, 'event')} came too late to be put in order`, how));
  }
  if (facts.absent > 0) {
    const how = 'copy the recording again from where it was made';
    all.push(
      lack(`${counted(facts.absent, 'event line')} that its end counts are not in the recording`, how),
    );
  }
  if (facts.unreadable > 0) {
    const how = 'copy the recording again from where it was made';
    all.push(lack(`${counted(facts.unreadable, 'line')} could not be read`, how));
  }
  if (facts.uncounted) {
    const how = 'boot with preempt=voluntary, or use a kernel from 6.7 on';
    all.push(
      lack('this kernel can be preempted, and does not count the runs of kprobes that it skips then', how),
    );
  }
  if (facts.unkept > 0) {
    const how =
      'record with BPFTRACE_MAX_MAP_KEYS=65536 in the environment, or with fewer threads at a time in the functions that are traced';
    all.push(lack(`${counted(facts.unkept, 'return')} not told: a map of bpftrace was full`, how));
  }
  for (const [program, count] of Object.entries(facts.missed)) {
    if (count === 0) continue;
    const how = 'record without other tracers at the same time';
    all.push(lack(`the kernel skipped ${counted(count, 'run')} of ${program}`, how));
  }
  return all;
}
