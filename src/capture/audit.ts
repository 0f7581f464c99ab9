import { once } from 'node:events';
import type { Attachment, PlannedProbe } from '../plan/plan.ts';
import { iteratorProgram } from '../plan/program.ts';
import { type Blocker, findBlocker } from './blocker.ts';
import { now } from './clock.ts';
import { eventLines } from './lines.ts';
import { run } from './run.ts';

/** How long one reading may take: it waits for every process's mmap_lock in turn. */
const AUDIT_TIMEOUT_MS = 10_000;

/** The verifier follows every step of the walk. */
const LOAD_TIMEOUT_MS = 180_000;

const FOLDER = '/sys/fs/bpf';
const PIN = 'umaptrace_audit';

/**
 * Loads the iterator and keeps it, pinned in a bpf file system of its own: each reading of that file runs it anew, in
 * milliseconds, where a new bpftrace would take seconds. The mount namespace, and the pin with it, ends with the shell, and so
 * does a bpftrace that is loading it.
 */
const HOLD = `mount -t bpf umaptrace ${FOLDER} && setpriv --pdeathsig KILL "$0" -q -e "$1" >&2 && test -e ${FOLDER}/${PIN} && echo ready && exec cat`;

const hold = (bpftrace: string, program: string, env: Readonly<Record<string, string>>) =>
  run(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', HOLD, bpftrace, program], {
    stdin: 'pipe',
    buffer: false,
    env,
  });

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

/** The iterator that reads page tables, loaded once and run whenever it is asked to. */
export class Auditor {
  readonly #holder: ReturnType<typeof hold>;
  /** Resolves when it can be run; with a reason when it cannot. */
  readonly loaded: Promise<string | null>;

  constructor(bpftrace: string, { place, body }: Attachment, env: Readonly<Record<string, string>>) {
    const program = iteratorProgram({ place: `${place}:${PIN}`, body });
    this.#holder = hold(bpftrace, program, env);
    this.loaded = this.#load();
  }

  /** Runs it. @param given ends it early */
  async read(given: AbortSignal): Promise<AuditRun> {
    const reason = await this.loaded;
    const nothing = { lines: Buffer.alloc(0), ms: 0, blocker: null };
    if (reason !== null) return { ...nothing, failure: reason };
    const began = performance.now();
    const words = ['nsenter', `--mount=/proc/${this.#holder.pid}/ns/mnt`, 'cat', `${FOLDER}/${PIN}`];
    const { stdout, stderr, failed, timedOut, shortMessage } = await run(words, {
      stdin: 'ignore',
      encoding: 'latin1',
      stripFinalNewline: false,
      timeout: AUDIT_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 28,
      cancelSignal: given,
    });
    const lines = stamped(eventLines(stdout), now().boot);
    const ms = performance.now() - began;
    if (!failed) return { lines, ms, failure: null, blocker: null };
    if (!timedOut) return { lines, ms, failure: stderr.trim() || (shortMessage ?? 'failed'), blocker: null };
    const failure = `it did not end within ${AUDIT_TIMEOUT_MS / 1000} s`;
    return { lines, ms, failure, blocker: await findBlocker() };
  }

  /** Unloads it, or gives up loading it. */
  close(): void {
    const { pid, exitCode, signalCode } = this.#holder;
    if (exitCode !== null || signalCode !== null) return; // its pid may be another one's by now
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL'); // it leads a session: bpftrace goes with it
    } catch {
      // it has ended
    }
  }

  async #load(): Promise<string | null> {
    let said = '';
    this.#holder.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('latin1')).slice(-2000);
    });
    const ended = this.#holder.then(() => 'ended' as const);
    const late = setTimeout(() => this.close(), LOAD_TIMEOUT_MS);
    const first = await Promise.race([once(this.#holder.stdout, 'data'), ended]);
    clearTimeout(late);
    return first === 'ended'
      ? `its program was not loaded: ${said.trim().split('\n').slice(-3).join('; ')}`
      : null;
  }
}
