import { readFileSync } from 'node:fs';
import { textOf } from '../event/words.ts';
import { run } from './run.ts';
import { framesIn } from './stacks.ts';

/** A process whose mmap_lock somebody holds. */
export interface Blocker {
  readonly pid: number;
  /** Chosen by the program: escape it wherever it is shown. */
  readonly comm: string;
  /** Kernel functions that its threads are in, the innermost first; empty when they cannot be read. */
  readonly stack: readonly string[];
}

const PATIENCE_MS = 2000;
/** /proc/PID/cmdline lies in the process's memory: reading it takes the mmap_lock (access_remote_vm, mm/memory.c). */
const READ_ALL = 'for p in "$0"/[0-9]*; do echo "$p"; IFS= read -r x < "$p/cmdline"; done 2>/dev/null';

const MOST_FRAMES = 6;

const read = (path: string): string => {
  try {
    return textOf(readFileSync(path));
  } catch {
    return '';
  }
};

/** Whether reading a process's command line does not come to an end. */
async function isStuck(proc: string, pid: string): Promise<boolean> {
  const words = ['cat', `${proc}/${pid}/cmdline`];
  const { timedOut } = await run(words, { stdin: 'ignore', timeout: PATIENCE_MS });
  return timedOut;
}

/**
 * The first process whose mmap_lock cannot be had, by doing what waits for it, twice; null when there is none, or when there
 * are too many processes to come to it in time.
 * @param proc where procfs is
 * @param patienceMs how long to look at all of them
 */
export async function findBlocker(proc = '/proc', patienceMs = PATIENCE_MS): Promise<Blocker | null> {
  const { stdout, timedOut } = await run(['sh', '-c', READ_ALL, proc], {
    stdin: 'ignore',
    timeout: patienceMs,
  });
  const pid = stdout.trim().split('/').at(-1) ?? '';
  if (!timedOut || !/^\d+$/.test(pid) || !(await isStuck(proc, pid))) return null;
  const comm = read(`${proc}/${pid}/comm`).replace(/\n$/, '');
  const stack = framesIn(read(`${proc}/${pid}/stack`).split('\n')).slice(0, MOST_FRAMES);
  return { pid: Number(pid), comm, stack };
}
