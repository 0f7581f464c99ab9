import { type HeaderInput, RECORDING_FORMAT } from '../recording/format.ts';
import type { Kernel } from './kernel.ts';
import type { Plan } from './plan.ts';

/** What a recording's header says besides the kernel and the plan. */
export interface HeaderFacts {
  /** umaptrace's own version, and bpftrace's. */
  readonly version: string;
  readonly bpftrace: string;
  /** ns since boot and since the epoch, at the same moment: the recording's origin. */
  readonly boot: bigint;
  readonly wall: bigint;
  readonly filters: Readonly<Record<string, string>>;
  /** ns since boot when everything was proven to be attached; undefined when nobody knows. */
  readonly attached?: bigint;
  /** Buffers that events wait in; undefined when nobody knows. */
  readonly buffers?: { readonly count: number; readonly bytes: number };
}

/**
 * Whether the kernel may skip runs of kprobes without counting them: where bpftrace is preempted inside a map system call no
 * kprobe's program runs on that CPU (bpf_prog_active), which trace_call_bpf counts from 6.7 on.
 */
function skipsUncounted({ preemptible, release }: Kernel, { attachments }: Plan): boolean {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  const counts = Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 7);
  return preemptible && !counts && attachments.some(({ kind }) => kind === 'kprobe' || kind === 'kretprobe');
}

/** The first line of a recording made with this plan. */
export function makeHeader(kernel: Kernel, plan: Plan, facts: HeaderFacts): HeaderInput {
  return {
    umaptrace: 'recording',
    format: RECORDING_FORMAT,
    version: facts.version,
    kernel: kernel.release,
    arch: kernel.arch,
    hostname: kernel.hostname,
    bpftrace: facts.bpftrace,
    bootId: kernel.bootId,
    clock: 'boottime',
    origin: `${facts.boot}`,
    ...(facts.attached === undefined ? {} : { attached: `${facts.attached}` }),
    anchor: { boot: `${facts.boot}`, wall: `${facts.wall}` },
    filters: facts.filters,
    ...(facts.buffers === undefined ? {} : { buffers: { ...facts.buffers } }),
    probes: plan.probes.map((probe) => ({
      event: probe.event,
      function: probe.function,
      module: probe.module ?? '',
      kind: probe.kind ?? '',
      attached: probe.kind !== null,
      ...(probe.kind === null ? { reason: probe.reason } : {}),
    })),
    ...(skipsUncounted(kernel, plan) ? { uncounted: true } : {}),
  };
}
