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
 * Starts a program that dies with this process, even when that is killed with SIGKILL (PR_SET_PDEATHSIG); that a Ctrl-C of the
 * terminal does not reach, for it has a session of its own; and that the OOM killer takes before this process.
 * How it ends is told by its result, which never rejects. Its pid is the program's: setpriv becomes it.
 * @param words the program and its arguments; never a shell's line
 */
export function run<const Given extends Options>(words: readonly string[], options: Given) {
  const alone = { reject: false, detached: true, cleanup: false } as const;
  const child = execa('setpriv', ['--pdeathsig', 'KILL', ...words], { ...options, ...alone });
  offerToOomKiller(child.pid);
  return child;
}
