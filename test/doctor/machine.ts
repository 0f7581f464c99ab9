/** A machine on which nothing is wrong, and ways to spoil it. */
import type { BpftraceFacts, Facts, KernelFacts, PlanFacts, ProcessFacts } from '../../src/doctor/facts.ts';

const OPTIONS = ['BPF_SYSCALL', 'BPF_EVENTS', 'KPROBES', 'KALLSYMS', 'KALLSYMS_ALL', 'DEBUG_INFO_BTF'];

/** The options of a kernel that has all that is needed, less some. */
export const options = (...unset: string[]): Map<string, string> =>
  new Map(OPTIONS.filter((name) => !unset.includes(name)).map((name) => [`CONFIG_${name}`, 'y']));

const root: ProcessFacts = {
  euid: 0,
  caller: null,
  capabilities: new Set(['CAP_SYS_ADMIN', 'CAP_BPF', 'CAP_PERFMON', 'CAP_SYSLOG', 'CAP_SYS_PTRACE']),
  initialUserNamespace: true,
  initialPidNamespace: true,
  asRoot: 'sudo /usr/bin/umaptrace doctor',
};

const trixie: KernelFacts = {
  release: '6.12.107+deb13-amd64',
  arch: 'x86_64',
  pageSize: 4096,
  options: options(),
  lockdown: 'none',
  addresses: true,
  kptrRestrict: 0,
  perfEventParanoid: 3,
  ftraceEnabled: true,
  kprobesEnabled: true,
  unprobeable: ['do_int3'],
  preemption: 'none (voluntary) full',
  btf: ['ib_core', 'ib_uverbs', 'vmlinux'],
  mounts: [
    { point: '/sys', type: 'sysfs' },
    { point: '/sys/kernel/debug', type: 'debugfs' },
    { point: '/sys/kernel/tracing', type: 'tracefs' },
    { point: '/sys/kernel/security', type: 'securityfs' },
  ],
};

const bpftrace: BpftraceFacts = {
  path: '/usr/bin/bpftrace',
  version: '0.23.2',
  trial: { worked: true, ending: 'status 0', words: [] },
};

const plan: PlanFacts = {
  probes: 23,
  losses: [],
  snapshot: { function: 'task_vma', kind: 'iter', reason: 'run once, at the start' },
  functions: ['rdma_umap_open', 'rdma_user_mmap_io'],
  modules: ['ib_core', 'ib_uverbs', 'vmlinux'],
};

/** What is told of a machine where nothing is wrong. */
export const SOUND: Facts = {
  starts: true,
  process: root,
  kernel: trixie,
  bpftrace,
  memory: { available: 2 ** 31, limit: null },
  programs: [
    { path: '/usr/bin/bpftrace', uid: 0, gid: 0, mode: 0o100755 },
    { path: '/usr/bin', uid: 0, gid: 0, mode: 0o040755 },
    { path: '/', uid: 0, gid: 0, mode: 0o040755 },
  ],
  uverbs: true,
  devices: [{ name: 'mlx5_0', driver: 'mlx5_core' }],
  plan,
  unplanned: null,
};

export const withProcess = (spoiled: Partial<ProcessFacts>): Facts => ({
  ...SOUND,
  process: { ...root, ...spoiled },
});
export const withKernel = (spoiled: Partial<KernelFacts>): Facts => ({
  ...SOUND,
  kernel: { ...trixie, ...spoiled },
});
export const withBpftrace = (spoiled: Partial<BpftraceFacts>): Facts => ({
  ...SOUND,
  bpftrace: { ...bpftrace, ...spoiled },
});
export const withPlan = (spoiled: Partial<PlanFacts>): Facts => ({ ...SOUND, plan: { ...plan, ...spoiled } });
