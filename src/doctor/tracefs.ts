import { type Check, ok, warning } from './check.ts';

/** Kprobes are attached by perf events, and by writing to tracefs only where those are barred (libbcc, bpf_attach_kprobe). */
export const tracefs: Check = {
  name: 'tracefs',
  looksAt: 'mounts: /sys/kernel/tracing, /sys/kernel/debug/tracing',
  judge({ kernel: { mounts } }) {
    const mounted = mounts.filter(({ type }) => type === 'tracefs').map(({ point }) => point);
    const [first] = mounted;
    if (first !== undefined) return ok(first);
    return warning('tracefs is not mounted', {
      cost: 'bpftrace cannot tell which functions can be traced, and has one way less to attach to them',
      mend: 'mount -t tracefs tracefs /sys/kernel/tracing',
    });
  },
};
