/** Who holds ufiles open now, by the same iterator that looks at the start of a trace. */
import type { SnapshotProgram } from '../plan/program.ts';
import { Bpftrace } from './bpftrace.ts';
import { eventLines } from './lines.ts';

const TIMEOUT_MS = 20_000;

/** The iterator that lists descriptors: it takes no lock that a stuck process could hold (kernel/bpf/task_iter.c). */
export const LISTS_DESCRIPTORS = 'iter:task_file';

/**
 * Lists the descriptors of ufiles, line by line as the kernel tells them.
 * @param given ends it early
 * @param give takes event lines, newlines included
 * @returns why they are not all of them; null when they are
 */
export async function listHolders(
  bpftrace: string,
  iterator: SnapshotProgram,
  given: AbortSignal,
  give: (lines: Buffer) => Promise<void>,
): Promise<string | null> {
  const tracer = new Bpftrace(bpftrace, iterator, {
    lines: (block) => give(Buffer.from(eventLines(block.toString('latin1')), 'latin1')),
    lost: () => {},
  });
  const ends = AbortSignal.any([given, AbortSignal.timeout(TIMEOUT_MS)]);
  ends.addEventListener('abort', () => void tracer.stop(), { once: true });
  const { status, signal, lastWords } = await tracer.ended;
  if (ends.aborted) return `did not end within ${TIMEOUT_MS / 1000} s`;
  return status === 0 ? null : lastWords.join('\n') || `ended with ${signal ?? `status ${status}`}`;
}
