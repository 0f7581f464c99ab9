/** One cell of the matrix: a kernel with a bpftrace, and what umaptrace makes of every workload there. */
import * as v from 'valibot';
import type { Lab } from '../../lab/boot.ts';
import { timelineSchema } from '../../src/report/schema.ts';
import { type ChaosRun, compareChaos, describeRun, runChaos } from './chaos.ts';
import { check, record, report, type Traced } from './traced.ts';

/** bpftrace versions by the user space that has them. */
export const BPFTRACES: Readonly<Record<string, string>> = {
  '0.17': 'bookworm',
  '0.23': 'trixie',
  '0.27': 'forky',
};

/** The cells: each kernel with what its distribution has, and the corners. */
export const CELLS: readonly string[] = [
  '5.10+0.17',
  '5.10+0.27',
  '6.1+0.17',
  '6.1+0.23',
  '6.12+0.17',
  '6.12+0.23',
  '6.12+0.27',
  '7.2+0.27',
  '7.3+0.17',
  '7.3+0.23',
  '7.3+0.27',
];

interface Known {
  readonly reason: string;
  /** The cells that have it: in any other one it is a failure. */
  readonly cells: RegExp;
}

/** What a cell cannot show, with the reason in the kernel or in bpftrace; anything else that is not as it should be is a failure. */
export const LIMITS = {
  'no-reset': {
    reason:
      'The kernel has no rdma_user_mmap_disassociate (before 6.12): no driver can reset a device under its users.',
    cells: /^(5\.10|6\.1)\+/,
  },
  kretprobes: {
    reason:
      'kretprobes have as many instances as the machine has CPUs (up to 6.1, where the kernel does not preempt) or twice as many, ten at least: with more threads at once inside a function a return is missed. The recording says which, and the verdict is inconclusive. bpftrace 0.27 uses fprobes where the kernel has them without that limit.',
    cells: /^5\.10\+|^7\.\d\+0\.(17|23)$/,
  },
  'fork-keeps': {
    reason:
      'fork copies the page table before it links the VMA (up to 6.8): what is forked in the window does not escape.',
    cells: /^(5\.10|6\.1)\+/,
  },
  'no-audit': {
    reason:
      'Page tables are not read: bpftrace 0.17 has no task_vma iterator, and that of old kernels (5.10) holds no reference on what it walks. An escape whose entries nobody was seen to add (fork copies them, mremap moves them) has no proof then, and the verdict is inconclusive.',
    cells: /^5\.10\+|\+0\.17$/,
  },
  'skipped-runs': {
    reason:
      'Where the kernel preempts (7.2, 7.3), bpftrace can be preempted inside the map system call that it makes each time it has read its buffers; until it runs again the kernel runs no kprobe program on that CPU (bpf_disable_instrumentation forbids migration only). On a machine with more to do than CPUs some events in 10,000 are missed. The recording says how many, and the verdict is inconclusive.',
    cells: /^7\.\d\+/,
  },
} as const satisfies Readonly<Record<string, Known>>;
export type Limit = keyof typeof LIMITS;

export const outcomeSchema = v.object({
  ok: v.boolean(),
  limit: v.optional(v.picklist(['no-reset', 'kretprobes', 'fork-keeps', 'no-audit', 'skipped-runs'])),
  /** What was seen, in a few words. */
  seen: v.string(),
});
export type Outcome = v.InferOutput<typeof outcomeSchema>;

const SEEDS = [501, 502, 503];
const CHAOS_OPERATIONS = 300;
const NOT_POSSIBLE = 77;
const PINGPONG =
  'ibv_rc_pingpong -d rxe0 -g 0 >/dev/null & sleep 3; ibv_rc_pingpong -d rxe0 -g 0 10.0.0.1; wait';

const verdictLine = v.looseObject({ verdict: v.string() });
const psAnswer = v.looseObject({
  holders: v.array(v.looseObject({ comm: v.string(), fds: v.array(v.number()), vmas: v.array(v.unknown()) })),
});
const escapeLine = v.looseObject({ truth: v.literal('escape'), escaped: v.boolean() });

async function verdictOf({ recording }: Traced): Promise<string> {
  return v.parse(verdictLine, JSON.parse((await check(recording, '--format', 'json')).stdout)).verdict;
}

/** What is wrong with a run that was held against the maps; null when nothing is. */
function wrong(run: ChaosRun): string | null {
  if (run.difference !== null || run.lost + run.mismatches > 0) return describeRun(run);
  return run.compared === 0 ? 'nothing was compared' : null;
}

const failed = (seen: string): Outcome => ({ ok: false, seen });

/** What a trial has shown in a cell: a limit that this cell should not have is a failure. */
export function inCell(cell: string, outcome: Outcome): Outcome {
  const { limit, seen } = outcome;
  return limit === undefined || LIMITS[limit].cells.test(cell) ? outcome : failed(`${limit}: ${seen}`);
}

async function restart(lab: Lab, ...args: string[]): Promise<void> {
  const { status, stderr } = await lab.run(['rxe-device', 'restart', ...args]);
  if (status !== 0) throw new Error(`the device did not come back: ${stderr}`);
}

/** A workload whose every quiet moment is held against the maps, and whose verdict is known. */
async function workload(lab: Lab, name: string, verdict: string): Promise<Outcome> {
  const traced = await record(lab, name, [name]);
  if (traced.result.status === NOT_POSSIBLE && name === 'reset') {
    return { ok: true, limit: 'no-reset', seen: 'cannot happen' };
  }
  if (traced.result.status !== 0) return failed(traced.result.stderr.trim());
  const run = await compareChaos(0, traced);
  const found = await verdictOf(traced);
  const seen = `${run.compared} mappings in ${run.moments} moments, ${found}`;
  const problem = wrong(run) ?? (found === verdict ? null : `${found}, not ${verdict}`);
  return problem === null ? { ok: true, seen } : failed(problem);
}

async function hasAudit({ recording }: Traced): Promise<boolean> {
  const { recording: facts } = v.parse(
    timelineSchema,
    JSON.parse(await report(recording, '--format', 'json')),
  );
  return facts.probes.some(({ event, attached }) => event === 'audit' && attached);
}

/** A race in the window of a teardown: a violation exactly when the workload itself met the device afterwards. */
async function race(lab: Lab, name: string): Promise<Outcome> {
  const traced = await record(lab, name, [name]);
  await restart(lab);
  if (traced.result.status !== 0) return failed(traced.result.stderr.trim());
  const escaped = traced.truth.other.filter((line) => v.is(escapeLine, line) && line.escaped).length > 0;
  const found = await verdictOf(traced);
  const seen = `${escaped ? 'escaped' : 'did not escape'}, ${found}`;
  if (escaped && found === 'violation') return { ok: true, seen };
  if (escaped && found === 'inconclusive' && !(await hasAudit(traced)))
    return { ok: true, limit: 'no-audit', seen };
  if (escaped) return failed(seen);
  if (found === 'violation' || name !== 'race-fork') return failed(seen);
  return { ok: true, limit: 'fork-keeps', seen };
}

/** Equal at every quiet moment; or it says itself that returns were missed or runs skipped, and does not judge. */
async function chaos(lab: Lab): Promise<Outcome> {
  let compared = 0;
  let missed = 0;
  let skipped = 0;
  for (const seed of SEEDS) {
    const run = await runChaos(lab, seed, CHAOS_OPERATIONS);
    const problem = wrong(run);
    if (problem !== null && (run.missedReturns + run.skippedRuns === 0 || run.verdict !== 'inconclusive')) {
      return failed(problem);
    }
    compared += run.compared;
    missed += run.missedReturns;
    skipped += run.skippedRuns;
  }
  const seen = `${SEEDS.length} seeds, ${compared} mappings`;
  if (missed > 0) return { ok: true, limit: 'kretprobes', seen: `${seen}, ${missed} returns missed` };
  if (skipped > 0) return { ok: true, limit: 'skipped-runs', seen: `${seen}, ${skipped} runs skipped` };
  return { ok: true, seen: `${seen}, 0 differences` };
}

/** Plain rxe: every VMA is driver-managed, and is gone at the end. */
async function pingpong(lab: Lab): Promise<Outcome> {
  await restart(lab, '--no-fixture');
  const traced = await record(lab, 'pingpong', ['sh', '-c', PINGPONG]);
  await restart(lab);
  if (traced.result.status !== 0) return failed(traced.result.stderr.trim());
  const { ufiles } = v.parse(timelineSchema, JSON.parse(await report(traced.recording, '--format', 'json')));
  const vmas = ufiles.flatMap((ufile) => ufile.vmas);
  const found = await verdictOf(traced);
  const seen = `${ufiles.length} ufiles, ${vmas.length} driver-managed VMAs, ${found}`;
  const right =
    vmas.length > 0 &&
    vmas.every(({ kind, state, ended }) => kind === 'driver' && state === 'closed' && ended !== null);
  return right && found === 'vacuous' ? { ok: true, seen } : failed(seen);
}

/** What is there already: a mapping and a descriptor from before. */
async function ps(lab: Lab): Promise<Outcome> {
  const holder = lab.start(['holder', '--hold', '60']);
  try {
    const { status, stdout, stderr } = await lab.run([
      'sh',
      '-c',
      'until grep -q /dev/infiniband/uverbs /proc/$(pgrep -x holder)/maps; do sleep 0.1; done 2>/dev/null; umaptrace ps --json',
    ]);
    if (status !== 0) return failed(stderr.trim());
    const { holders } = v.parse(psAnswer, JSON.parse(stdout));
    const [one] = holders;
    const seen = holders
      .map(({ comm, fds, vmas }) => `${comm}: ${fds.length} fd, ${vmas.length} VMA`)
      .join('; ');
    const right =
      holders.length === 1 && one?.comm === 'holder' && one.fds.length === 1 && one.vmas.length === 1;
    return right ? { ok: true, seen } : failed(seen || 'nobody');
  } finally {
    holder.kill(15);
    await holder.result;
  }
}

/** What is tried in each cell, in the order of the table's columns. */
export const TRIALS: Readonly<Record<string, (lab: Lab) => Promise<Outcome>>> = {
  lifecycle: (lab) => workload(lab, 'lifecycle', 'vacuous'),
  'handed-fd': (lab) => workload(lab, 'handed-fd', 'vacuous'),
  unplug: async (lab) => {
    const outcome = await workload(lab, 'unplug', 'pass');
    await restart(lab);
    return outcome;
  },
  reset: (lab) => workload(lab, 'reset', 'pass'),
  ps,
  'plain rxe': pingpong,
  chaos,
  'escape by fork': (lab) => race(lab, 'race-fork'),
  'escape by mremap': (lab) => race(lab, 'race-mremap'),
};
