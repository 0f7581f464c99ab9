import type { PlannedProbe } from '../plan/plan.ts';
import type { SnapshotProgram } from '../plan/program.ts';
import type { SnapshotWay } from '../plan/snapshot.ts';
import { Bpftrace } from './bpftrace.ts';
import { GIVEN_UP, type IteratorRun, type Iterators, runOnce, sooner, type Until } from './iterators.ts';
import { eventLines } from './lines.ts';
import { skippedRuns } from './missed.ts';
import { readProc } from './proc.ts';
import { Readiness } from './ready.ts';

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

/** What looks. */
export interface Tools {
  /** Path of the executable. */
  readonly bpftrace: string;
  /** Where iterators are loaded that may be run again. */
  readonly iterators: Iterators;
}

/** Looks at what is there already, in the first of these ways that works. */
export async function takeSnapshot(
  tools: Tools,
  [first, ...others]: readonly SnapshotProgram[],
  times: SnapshotTimes,
): Promise<Snapshot | null> {
  if (first === undefined) return null;
  const look = first.way.reading === null ? snapIterator : watchReading;
  const snapshot = await look(tools, first, times);
  if (snapshot.failure === null || times.given.aborted) return snapshot;
  const second = await takeSnapshot(tools, others, times);
  return second?.failure === null ? second : snapshot;
}

/** Begins to load the iterator of a way to look, if it has one, and has it ready. Resolves when it is loaded, or cannot be. */
export async function preload(iterators: Iterators, way: SnapshotProgram | undefined): Promise<void> {
  if (way === undefined || way.way.reading !== null) return;
  const iterator = iterators.load(way.way.attachment);
  iterator.prepare();
  await iterator.loaded;
}

/** Runs an iterator that tells what is there: where it was loaded, or, if it cannot be kept but is not refused either, by a bpftrace of its own. */
export async function runIterator(
  { bpftrace, iterators }: Tools,
  program: SnapshotProgram,
  until: Until,
): Promise<IteratorRun> {
  const iterator = iterators.load(program.way.attachment);
  const reason = await sooner(iterator.loaded, until.given);
  if (until.given.aborted) return { lines: '', failure: GIVEN_UP, timedOut: false };
  if (reason === null) return iterator.run(until);
  const failure = await iterator.refused;
  return failure === null ? runOnce(bpftrace, program, until) : { lines: '', failure, timedOut: false };
}

async function snapIterator(
  tools: Tools,
  program: SnapshotProgram,
  { from, given }: SnapshotTimes,
): Promise<Snapshot> {
  const { way } = program;
  const failed = await sooner(tools.iterators.load(way.attachment).refused, given);
  // Told before it is time to look: another way is prepared meanwhile.
  if (failed !== null) return { way, lines: Buffer.alloc(0), failure: failed };
  await from;
  if (given.aborted) return { way, lines: Buffer.alloc(0), failure: GIVEN_UP };
  const { lines, failure } = await runIterator(tools, program, { timeoutMs: TIMEOUT_MS, given });
  return { way, lines: Buffer.from(lines, 'latin1'), failure };
}

/** Reads files of /proc while a program watches what reading them runs; it attaches beforehand. */
async function watchReading(
  { bpftrace }: Tools,
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
  const attached = await readiness.prove(
    AbortSignal.any([given, dead.signal, AbortSignal.timeout(TIMEOUT_MS)]),
  );
  await from;
  const ends = AbortSignal.any([given, dead.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const unread = attached && way.reading !== null ? await readProc(way.reading, ends) : [];
  const whole = attached && (await readiness.caughtUp(ends));
  const skipped = Object.values(tracer.pid === undefined ? {} : await skippedRuns(tracer.pid));
  const { asked, lastWords } = await tracer.stop();
  const failures = [
    ...(asked ? [] : [lastWords.join('\n') || 'bpftrace failed']),
    ...(attached && !whole ? ['it did not end in time'] : []),
    ...(attached ? [] : ['its probe was not attached in time']),
    ...unread,
    ...(lost > 0 ? [`${lost} events were lost`] : []),
    ...(skipped.some((count) => count > 0) ? ['the kernel skipped runs of its program'] : []),
  ];
  const lines = Buffer.from(eventLines(Buffer.concat(blocks).toString('latin1')), 'latin1');
  return { way, lines, failure: failures.join('; ') || null };
}
