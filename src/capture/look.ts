/** A closer look at what stands still: who holds ufiles open, and where threads stand in the kernel. */
import type { Origin } from '../event/event.ts';
import type { Looks } from '../plan/program.ts';
import { now } from './clock.ts';
import { linesOf } from './own.ts';
import { runIterator, type Tools } from './snapshot.ts';
import { readStacks, type Thread } from './stacks.ts';

/** Whose stacks are wanted: of a thread, and of the threads of some processes. */
export interface Suspects {
  readonly pid: number;
  readonly tid: number;
  readonly pids: readonly number[];
  /** Whether also to list who holds ufiles open, and to read the stacks of those. */
  readonly holders: boolean;
}

/** What a look needs, and whom it tells. */
export interface LookOptions {
  readonly tools: Tools;
  readonly snapshots: Looks['snapshots'];
  readonly origin: Origin;
  /** Ends it; what it has not told by then is not told. */
  readonly given: AbortSignal;
  /** Takes event lines. */
  give(lines: Buffer): Promise<void>;
  /** Takes why something is not known. */
  note(text: string): void;
}

const HOLDERS_TIMEOUT_MS = 20_000;

/** The iterator that lists descriptors: it takes no lock that a stuck process could hold (kernel/bpf/task_iter.c). */
const LISTS_DESCRIPTORS = 'iter:task_file';

/** The pid of a line that tells a descriptor. */
const HOLDER = /^SF \S+ \S+ \S+ ([0-9a-f]+) /gm;

/** Resolves when all was told as events. */
export async function lookAt({ pid, tid, pids, holders }: Suspects, options: LookOptions): Promise<void> {
  const [others] = await Promise.all([
    holders ? lookAtHolders(options) : new Set<number>(),
    lookAtStacks([{ pid, tid }], pids, options),
  ]);
  for (const known of [pid, ...pids]) others.delete(known);
  await lookAtStacks([], [...others], options);
}

/** @returns the processes that hold a ufile open */
async function lookAtHolders(options: LookOptions): Promise<Set<number>> {
  const { tools, snapshots, given, give, note } = options;
  const pids = new Set<number>();
  const iterator = snapshots.flat().find(({ way }) => way.attachment.place === LISTS_DESCRIPTORS);
  if (iterator === undefined) return pids;
  const { lines, failure } = await runIterator(tools, iterator, { timeoutMs: HOLDERS_TIMEOUT_MS, given });
  for (const [, pid = ''] of lines.matchAll(HOLDER)) pids.add(Number.parseInt(pid, 16));
  if (given.aborted) return pids;
  await give(Buffer.from(lines, 'latin1'));
  if (failure !== null) note(`who holds ufiles open could not be listed: ${failure}`);
  return pids;
}

async function lookAtStacks(
  threads: readonly Thread[],
  pids: readonly number[],
  { origin, given, give }: LookOptions,
): Promise<void> {
  const stacks = await readStacks(threads, pids, () => Number(now().boot - origin.boot));
  if (!given.aborted) await give(linesOf(stacks, origin));
}
