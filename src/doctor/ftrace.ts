import { type Check, missing, ok, unknown } from './check.ts';

/** With ftrace off, a probe at the entry of a function is registered and its nop never patched (ftrace_startup, kernel/trace/ftrace.c). */
export const ftrace: Check = {
  name: 'ftrace',
  looksAt: 'kernel.ftrace_enabled',
  judge({ kernel: { ftraceEnabled } }) {
    if (ftraceEnabled === null) return unknown('kernel.ftrace_enabled is not there');
    if (ftraceEnabled) return ok('enabled');
    return missing('ftrace is disabled (kernel.ftrace_enabled is 0)', {
      cost: 'probes can be attached but never run',
      mend: 'sysctl kernel.ftrace_enabled=1',
    });
  },
};
