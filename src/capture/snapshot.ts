import type { PlannedProbe } from '../plan/plan.ts';
import type { SnapshotProgram } from '../plan/program.ts';
import type { SnapshotWay } from '../plan/snapshot.ts';
import { Bpftrace } from './bpftrace.ts';
import { eventLines } from './lines.ts';
import { skippedRuns } from './missed.ts';
import { readProc } from './proc.ts';
import { Readiness } from './ready.ts';
import { run } from './run.ts';

/** How long a snapshot may take: it waits for every process's mmap_lock in turn. */
const TIMEOUT_MS = 60_000;

/** What a snapshot told. */
export interface Snapshot {
  readonly way: SnapshotWay;
  /** Its event lines, newlines included. */
  readonly lines: Buffer;
  /** Why its lines are not all of them; null when they are. */
  readonly failure: string | null;
}

const GIVEN_UP = 'it was given up';

/** How the recording's header tells of a snapshot: one that is not whole shows nothing for certain. */
export const toldProbes = ({ way, failure }: Snapshot): PlannedProbe[] =>
  way.probes.map((probe) => {
    const reason = `the snapshot by ${way.attachment.place} is not whole: ${failure}`;
    return failure === null ? probe : { ...probe, kind: null, reason };
  });

/** When to do what. */
export interface SnapshotTimes {
  /** To attach probes that are needed. */
  readonly prepare: Promise<unknown>;
  /** To look. */
  readonly from: Promise<unknown>;
  /** To give up. */
  readonly given: AbortSignal;
}

/** Looks at what is there already, in the first of these ways that works. */
export async function takeSnapshot(
  bpftrace: string,
  [first, ...others]: readonly SnapshotProgram[],
  times: SnapshotTimes,
): Promise<Snapshot | null> {
  if (first === undefined) return null;
  const look = first.way.reading === null ? runIterator : watchReading;
  const snapshot = await look(bpftrace, first, times);
  if (snapshot.failure === null || times.given.aborted) return snapshot;
  const second = await takeSnapshot(bpftrace, others, times);
  return second?.failure === null ? second : snapshot;
}

async function runIterator(
  bpftrace: string,
  { way, text, env }: SnapshotProgram,
  { from, given }: SnapshotTimes,
): Promise<Snapshot> {
  await from;
  if (given.aborted) return { way, lines: Buffer.alloc(0), failure: GIVEN_UP };
  const result = await run([bpftrace, '-q', '-e', text], {
    stdin: 'ignore',
    encoding: 'latin1',
    stripFinalNewline: false,
    timeout: TIMEOUT_MS,
    maxBuffer: 1 << 28,
    cancelSignal: given,
    env,
  });
  const why = result.timedOut ? `did not end within ${TIMEOUT_MS / 1000} s` : result.stderr.trim();
  return {
    way,
    lines: Buffer.from(eventLines(result.stdout), 'latin1'),
    failure: result.failed ? why || (result.shortMessage ?? 'failed') : null,
  };
}

/** Reads files of /proc while a program watches what reading them runs; it attaches beforehand. */
async function watchReading(
  bpftrace: string,
  program: SnapshotProgram,
  { prepare, from, given }: SnapshotTimes,
): Promise<Snapshot> {
  const { way } = program;
  await prepare;
  if (given.aborted) return { way, lines: Buffer.alloc(0), failure: GIVEN_UP };
  const readiness = new Readiness(program.readiness);
  const blocks: Buffer[] = [];
  let lost = 0;
  const tracer = new Bpftrace(bpftrace, program, {
    lines: async (block) => {
      readiness.see(block);
      blocks.push(block);
    },
    lost: (count) => {
      lost += count;
    },
  });
  const dead = new AbortController();
  void tracer.ended.then(() => dead.abort());
  const attached = await readiness.prove(AbortSignal.any([given, dead.signal]));
  await from;
  const ends = AbortSignal.any([given, dead.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const unread = attached && way.reading !== null ? await readProc(way.reading, ends) : [];
  const whole = attached && (await readiness.caughtUp(ends));
  const skipped = Object.values(tracer.pid === undefined ? {} : await skippedRuns(tracer.pid));
  const { asked, lastWords } = await tracer.stop();
  const failures = [
    ...(asked ? [] : [lastWords.join('\n') || 'bpftrace failed']),
    ...(whole ? [] : ['it did not end in time']),
    ...unread,
    ...(lost > 0 ? [`${lost} events were lost`] : []),
    ...(skipped.some((count) => count > 0) ? ['the kernel skipped runs of its program'] : []),
  ];
  const lines = Buffer.from(eventLines(Buffer.concat(blocks).toString('latin1')), 'latin1');
  return { way, lines, failure: failures.join('; ') || null };
}
