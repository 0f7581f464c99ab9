import { type Check, ok, warning } from './check.ts';

/**
 * Kprobes are attached by perf events, and by writing to tracefs only where those are barred (libbcc, bpf_attach_kprobe).
 * Without tracefs bpftrace 0.23 refuses trampolines ("fentry/fexit not available for your kernel version"): the trace then
 * begins with another attempt, with kprobes.
 */
export const tracefs: Check = {
  name: 'tracefs',
  looksAt: 'mounts: /sys/kernel/tracing, /sys/kernel/debug/tracing',
  judge({ kernel: { mounts } }) {
    const mounted = mounts.filter(({ type }) => type === 'tracefs').map(({ point }) => point);
    const [first] = mounted;
    if (first !== undefined) return ok(first);
    return warning('tracefs is not mounted', {
      cost: 'bpftrace may refuse trampolines, so kprobes are used, which cost more time, and it has one way less to attach those',
      mend: 'mount -t tracefs tracefs /sys/kernel/tracing',
    });
  },
};
