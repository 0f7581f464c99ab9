/** Starts the programs that tracing takes. */
import { writeFileSync } from 'node:fs';
import { execa, type Options } from 'execa';

/** OOM_SCORE_ADJ_MAX (include/uapi/linux/oom.h): to be killed before anything else. */
const FIRST_TO_GO = '1000';

/** A tracer must not cost the machine what it traces; and umaptrace has to live, to tell of it and to close its recording. */
function offerToOomKiller(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, FIRST_TO_GO);
  } catch {
    // it has ended
  }
}

/**
 * What a program is started by; its pid stays the same (execve). It dies with this process, even when that is killed with SIGKILL
 * (PR_SET_PDEATHSIG), and never hears of a SIGTERM: `systemctl stop` sends one to every process of a service at once, and this
 * process needs them until it has ended its recording.
 */
const STARTER = ['setpriv', '--pdeathsig', 'KILL', 'env', '--block-signal=TERM'] as const;

/** Whether this machine has what programs are started by: util-linux, and coreutils from 8.31 on. */
export async function canRun(): Promise<boolean> {
  const [setpriv, ...words] = [...STARTER, 'true'];
  // In a folder that everybody can enter: who asks may be in one that he cannot.
  const { exitCode } = await execa(setpriv, words, { reject: false, stdin: 'ignore', cwd: '/' });
  return exitCode === 0;
}

/**
 * Starts a program that dies with this process; that neither a Ctrl-C of the terminal reaches, for it has a session of its own, nor
 * a SIGTERM; and that the OOM killer takes before this process. How it ends is told by its result, which never rejects.
 * @param words the program and its arguments; never a shell's line
 */
export function run<const Given extends Options>(words: readonly string[], options: Given) {
  const alone = { reject: false, detached: true, cleanup: false, killSignal: 'SIGKILL' } as const;
  const [setpriv, ...starter] = STARTER;
  const child = execa(setpriv, [...starter, ...words], { ...options, ...alone });
  offerToOomKiller(child.pid);
  return child;
}
