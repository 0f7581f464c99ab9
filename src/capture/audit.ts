import type { PlannedProbe } from '../plan/plan.ts';
import { type Blocker, findBlocker } from './blocker.ts';
import { now } from './clock.ts';
import type { LoadedIterator } from './iterators.ts';

/** How long one reading may take: it waits for every process's mmap_lock in turn. */
const AUDIT_TIMEOUT_MS = 10_000;

/** What one reading of the page tables told. */
export interface AuditRun {
  /** Its event lines, as of now: each with the time since its reading. */
  readonly lines: Buffer;
  readonly ms: number;
  /** Why its lines are not all of them; null when they are. */
  readonly failure: string | null;
  /** Who holds the mmap_lock that it waited for too long; null when it did not, or nobody was found. */
  readonly blocker: Blocker | null;
}

const AUDIT_LINE = /^AV 0 0 ([0-9a-f]+)((?: [0-9a-f]+){4}) 0 /gm;

/** The lines of an audit at the time that they are told. */
export function stamped(lines: string, boot: bigint): Buffer {
  const told = lines.replace(AUDIT_LINE, (_, ns: string, task: string) => {
    const age = boot - BigInt(`0x${ns}`);
    return `AV 0 0 ${boot.toString(16)}${task} ${(age < 0n ? 0n : age).toString(16)} `;
  });
  return Buffer.from(told, 'latin1');
}

/** How the recording's header tells of an iterator that could not be loaded. */
export const unloadedAudit = (why: string): PlannedProbe => ({
  event: 'audit',
  function: 'task_vma',
  module: 'vmlinux',
  kind: null,
  reason: why,
});

/** Reads page tables with an iterator. */
export class Auditor {
  readonly #iterator: LoadedIterator;

  constructor(iterator: LoadedIterator) {
    this.#iterator = iterator;
    iterator.prepare();
  }

  /** Resolves when it can be run; with a reason when it cannot. */
  get loaded(): Promise<string | null> {
    return this.#iterator.loaded;
  }

  /** Runs it. @param given ends it early */
  async read(given: AbortSignal): Promise<AuditRun> {
    const began = performance.now();
    const { lines, failure, timedOut } = await this.#iterator.run({ timeoutMs: AUDIT_TIMEOUT_MS, given });
    const ms = performance.now() - began;
    const told = stamped(lines, now().boot);
    this.#iterator.prepare();
    return { lines: told, ms, failure, blocker: timedOut ? await findBlocker() : null };
  }
}
