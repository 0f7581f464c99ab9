import { type Check, missing, ok, unknown } from './check.ts';
import { isRoot } from './root.ts';

/**
 * Debian and Ubuntu add a level 3 that leaves perf events to CAP_SYS_ADMIN; up to 2, the levels of upstream, CAP_PERFMON is enough
 * (perf_allow_kernel, include/linux/perf_event.h).
 */
const LAST_OF_UPSTREAM = 2;

export const perfEvents: Check = {
  name: 'perf events',
  looksAt: 'kernel.perf_event_paranoid',
  judge({ process, kernel: { perfEventParanoid: level } }) {
    if (level === null) return unknown('kernel.perf_event_paranoid is not there');
    const barred = isRoot(process) && level > LAST_OF_UPSTREAM && !process.capabilities.has('CAP_SYS_ADMIN');
    if (!barred) return ok(`kernel.perf_event_paranoid is ${level}, which does not concern root`);
    return missing(`kernel.perf_event_paranoid is ${level}: perf events are for CAP_SYS_ADMIN alone`, {
      cost: 'kprobes cannot be attached',
      mend: `sysctl kernel.perf_event_paranoid=${LAST_OF_UPSTREAM}    (or give the process CAP_SYS_ADMIN)`,
    });
  },
};
