import { execa } from 'execa';
import type { Attachment } from '../plan/plan.ts';
import { iteratorProgram } from '../plan/program.ts';

/** How long an iterator may take: it waits for every process's mmap_lock in turn. */
const TIMEOUT_MS = 60_000;

/** What an iterator told. */
export interface IteratorRun {
  readonly place: string;
  /** Its event lines, newlines included. */
  readonly lines: Buffer;
  /** Why its lines are not all of them; null when they are. */
  readonly failure: string | null;
}

/** Event lines in what an iterator printed. */
export const EVENT_LINES = /^[A-Z]{1,2}(?: [0-9a-f]+)+\n/gm;

/**
 * Runs one iterator to its end.
 * @param env environment that bpftrace needs on this kernel
 * @param given ends it early
 */
export async function runIterator(
  bpftrace: string,
  iterator: Attachment,
  env: Readonly<Record<string, string>>,
  given: AbortSignal,
): Promise<IteratorRun> {
  const result = await execa(
    'setpriv',
    ['--pdeathsig', 'KILL', bpftrace, '-q', '-e', iteratorProgram(iterator)],
    {
      reject: false,
      stdin: 'ignore',
      encoding: 'latin1',
      stripFinalNewline: false,
      timeout: TIMEOUT_MS,
      maxBuffer: 1 << 28,
      cancelSignal: given,
      detached: true,
      cleanup: false,
      env,
    },
  );
  const lines = Buffer.from((result.stdout.match(EVENT_LINES) ?? []).join(''), 'latin1');
  const why = result.timedOut ? `did not end within ${TIMEOUT_MS / 1000} s` : result.stderr.trim();
  return {
    place: iterator.place,
    lines,
    failure: result.failed ? why || (result.shortMessage ?? 'failed') : null,
  };
}
