/** The program that `umaptrace probes --program` prints, run by plain bpftrace. */
import { READY_FUNCTION, READY_TAG } from '../../src/plan/program.ts';

/**
 * A shell script for a guest: runs plain bpftrace as the program's first lines say, into /share/plain.rec, runs
 * `commands` when everything is attached, and waits until bpftrace has told what they did. A signal that comes while bpftrace 0.17
 * prints is forgotten: it is sent while bpftrace waits for events, until it has ended.
 */
export function plainTrace(commands: string): string {
  const told = `grep '^${READY_TAG} ' /share/plain.rec`;
  const ask = 'cat /proc/version >/dev/null; sleep 0.2';
  return `
      umaptrace probes --program >/share/plain.bt || exit 98
      LINE=$(sed -n 's/^ \\*   \\(.*\\)umaptrace.bt .*/\\1/p' /share/plain.bt)
      sh -c "exec env $LINE /share/plain.bt" >/share/plain.rec & PLAIN=$!
      until [ $(${told} | grep -o '[^ ]*$' | sort -u | wc -l) -eq $(grep -c ':${READY_FUNCTION}$' /share/plain.bt) ]; do
        kill -0 $PLAIN || exit 97; ${ask}; done
      ${commands}
      for i in 1 2 3; do SEEN=$(${told} | wc -l); until [ $(${told} | wc -l) -gt $SEEN ]; do ${ask}; done; done
      while [ -e /proc/$PLAIN/exe ]; do ! grep -Eq '(do_epoll_wait|ep_poll)[+]' /proc/$PLAIN/stack || kill -TERM $PLAIN; sleep 1; done
      wait $PLAIN`;
}
