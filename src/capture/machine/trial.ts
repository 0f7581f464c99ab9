import type { Trial } from '../../doctor/facts.ts';
import { READY_FUNCTION, VMLINUX_TYPES } from '../../plan/program.ts';
import { run } from '../run.ts';

const TIMEOUT_MS = 60_000;
const LAST_WORDS = 5;
const SAYS = 'umaptrace can trace';

/** What every program of ours does: it reads the kernel's memory, prints, and is attached by a kprobe. */
const PROGRAM = `BEGIN { printf("${SAYS} %llx\\n", *(uint64*)curtask); exit(); } kprobe:${READY_FUNCTION} { @ = 1; }`;

/** Runs a tiny program to its end. @param bpftrace path of the executable */
export async function tryBpftrace(bpftrace: string): Promise<Trial> {
  const { stdout, stderr, exitCode, signal, timedOut } = await run([bpftrace, '-q', '-e', PROGRAM], {
    stdin: 'ignore',
    timeout: TIMEOUT_MS,
    env: VMLINUX_TYPES,
  });
  const ending = signal ?? `status ${exitCode ?? 'unknown'}`;
  return {
    worked: exitCode === 0 && stdout.includes(SAYS),
    ending: timedOut ? `not within ${TIMEOUT_MS / 1000} s` : ending,
    words: stderr
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-LAST_WORDS),
  };
}
