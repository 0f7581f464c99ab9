import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/doctor/checks.ts';
import { examine, isAble, troubles } from '../../src/doctor/examine.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { options, SOUND, withBpftrace, withKernel, withPlan, withProcess } from './machine.ts';

/** What the check of a name says of a machine. */
function ask(name: string, facts: Facts) {
  const answer = examine(facts).find(({ check }) => check.name === name);
  if (answer === undefined) throw new Error(`there is no check ${name}`);
  return answer.diagnosis;
}

const failed = (...words: string[]): Facts =>
  withBpftrace({ trial: { worked: false, ending: 'status 1', words } });

const withoutCapabilities = (...names: string[]): Facts =>
  withProcess({
    capabilities: new Set([...SOUND.process.capabilities].filter((name) => !names.includes(name))),
  });

const over = (point: string) => [...SOUND.kernel.mounts, { point, type: 'tmpfs' }];

/** The file system of a type is not mounted. */
const unmounted = (type: string): Facts =>
  withKernel({ mounts: SOUND.kernel.mounts.filter((mount) => mount.type !== type) });

const owned = (path: string, mode: number, uid = 0, gid = 0): Facts => ({
  ...SOUND,
  programs: [...SOUND.programs, { path, uid, gid, mode }],
});

const called = (caller: number, facts: Facts): Facts => ({ ...facts, process: { ...facts.process, caller } });

const snapshotLoss = {
  event: 'snapshot_vma',
  function: 'task_vma',
  reason: "this kernel's task_vma iterator is not safe, or not there",
  without: 'mappings from before the trace are found only when something happens to them',
};
const faultLoss = {
  event: 'umap_fault',
  function: 'rdma_umap_fault',
  reason: 'this kernel has no such function',
  without: 'touches after a zap will not be seen',
};

/** A machine; the check that finds what is wrong with it; what it says; what mends that, null: nothing. */
type Case = readonly [what: string, facts: Facts, check: string, found: RegExp, mend: RegExp | null];

const MISSING: readonly Case[] = [
  ['busybox', { ...SOUND, starts: false }, 'helpers', /setpriv or env/, /apt install util-linux coreutils/],
  [
    'types of a later kind',
    {
      ...SOUND,
      plan: null,
      unplanned: "this kernel's types cannot be read: BTF has a type of unknown kind 20",
    },
    'probes',
    /unknown kind 20/,
    null,
  ],
  [
    'ftrace disabled',
    withKernel({ ftraceEnabled: false }),
    'ftrace',
    /ftrace_enabled is 0/,
    /^sysctl kernel.ftrace_enabled=1$/,
  ],
  [
    'large pages',
    withKernel({ arch: 'arm64', pageSize: 65_536 }),
    'architecture',
    /arm64 with pages of 64 KiB/,
    /^boot a kernel with pages of 4 KiB$/,
  ],
  ['not root', withProcess({ euid: 1000 }), 'root', /not root/, /^sudo .* doctor$/],
  [
    'root in a user namespace',
    withProcess({ initialUserNamespace: false }),
    'root',
    /user namespace/,
    /root of the host/,
  ],
  [
    'a container without CAP_SYSLOG',
    withoutCapabilities('CAP_SYSLOG'),
    'root',
    /without CAP_SYSLOG$/,
    /--cap-add SYSLOG$/,
  ],
  [
    'a container without capabilities to trace',
    withoutCapabilities('CAP_SYS_ADMIN', 'CAP_BPF', 'CAP_PERFMON'),
    'root',
    /without CAP_BPF, CAP_PERFMON$/,
    /--cap-add BPF --cap-add PERFMON$/,
  ],
  [
    'locked down',
    withKernel({ lockdown: 'confidentiality' }),
    'lockdown',
    /locked down/,
    /lockdown=integrity/,
  ],
  [
    'a kernel without BTF',
    withKernel({ btf: null, options: options('DEBUG_INFO_BTF') }),
    'BTF',
    /no type information/,
    /CONFIG_DEBUG_INFO_BTF=y/,
  ],
  [
    'a kernel without BTF that does not tell its options',
    withKernel({ btf: [], options: null }),
    'BTF',
    /no type information/,
    /CONFIG_DEBUG_INFO_BTF=y/,
  ],
  [
    'BTF hidden by a mount',
    withKernel({ btf: [], options: null, mounts: over('/sys/kernel/btf') }),
    'BTF',
    /hidden/,
    /-v \/sys\/kernel\/btf/,
  ],
  ['BTF hidden, the kernel has it', withKernel({ btf: null }), 'BTF', /hidden/, /-v \/sys\/kernel\/btf/],
  [
    'kernel options not set',
    withKernel({ options: options('KPROBES', 'BPF_EVENTS') }),
    'kernel options',
    /CONFIG_BPF_EVENTS, CONFIG_KPROBES$/,
    /CONFIG_KPROBES=y/,
  ],
  [
    'kptr_restrict=2',
    withKernel({ addresses: false, kptrRestrict: 2 }),
    'addresses',
    /kptr_restrict is 2/,
    /^sysctl kernel.kptr_restrict=1$/,
  ],
  ['no kallsyms', withKernel({ addresses: null }), 'addresses', /cannot be read/, /CONFIG_KALLSYMS/],
  [
    'kprobes disarmed',
    withKernel({ kprobesEnabled: false }),
    'kprobes',
    /disarmed/,
    /^echo 1 > .*kprobes\/enabled$/,
  ],
  [
    'perf events for CAP_SYS_ADMIN alone, which is not there',
    withoutCapabilities('CAP_SYS_ADMIN'),
    'perf events',
    /perf_event_paranoid is 3/,
    /^sysctl kernel.perf_event_paranoid=2/,
  ],
  ['no bpftrace', { ...SOUND, bpftrace: null }, 'bpftrace', /not installed/, /^apt install bpftrace/],
  ['bpftrace 0.11', withBpftrace({ version: '0.11.3' }), 'bpftrace', /0\.11\.3.*too old/, /0\.17 or later/],
  ['bpftrace 0.16', withBpftrace({ version: '0.16.0-dirty' }), 'bpftrace', /too old/, /0\.17 or later/],
  [
    'bpftrace without headers',
    failed("ERROR: 'linux/types.h' file not found"),
    'a tiny program',
    /linux\/types\.h/,
    /linux-headers-6\.12/,
  ],
  [
    'bpftrace without a library',
    failed('bpftrace: error while loading shared libraries: libLLVM-14.so.1'),
    'a tiny program',
    /libLLVM/,
    /--reinstall bpftrace/,
  ],
  ['bpftrace that just fails', failed(), 'a tiny program', /status 1/, /\/usr\/bin\/bpftrace -e/],
  [
    'ib_uverbs not loaded',
    { ...SOUND, uverbs: false },
    'ib_uverbs',
    /not loaded/,
    /^modprobe ib_uverbs.*--wait/,
  ],
];

const WARNINGS: readonly Case[] = [
  [
    'no tracefs',
    unmounted('tracefs'),
    'tracefs',
    /not mounted/,
    /^mount -t tracefs tracefs \/sys\/kernel\/tracing$/,
  ],
  [
    'no debugfs',
    { ...SOUND, kernel: { ...unmounted('debugfs').kernel, preemption: null } },
    'preemption',
    /debugfs/,
    /^mount -t debugfs debugfs \/sys\/kernel\/debug$/,
  ],
  [
    'a kernel that shows functions alone',
    withKernel({ options: options('KALLSYMS_ALL') }),
    'kernel options',
    /CONFIG_KALLSYMS_ALL$/,
    /CONFIG_KALLSYMS_ALL=y/,
  ],
  ['another architecture', withKernel({ arch: 'arm64' }), 'architecture', /arm64/, null],
  [
    'a small memory cgroup',
    {
      ...SOUND,
      memory: { available: 120 * 2 ** 20, limit: { file: '/sys/fs/cgroup/x/memory.max', bytes: 2 ** 30 } },
    },
    'memory',
    /120 MiB .*for \/sys\/fs\/cgroup\/x/,
    /^echo 1160M > \/sys\/fs\/cgroup\/x\/memory\.max/,
  ],
  [
    'a small machine',
    { ...SOUND, memory: { available: 2 ** 26, limit: null } },
    'memory',
    /64 MiB .*machine/,
    /end what/,
  ],
  [
    'another pid namespace',
    withProcess({ initialPidNamespace: false }),
    'pid namespace',
    /container/,
    /--pid=host/,
  ],
  [
    'a program that anybody can write',
    owned('/opt/umaptrace.js', 0o100666),
    'programs',
    /umaptrace\.js .*anybody/,
    /chmod go-w \/opt\/umaptrace\.js/,
  ],
  [
    'a folder that anybody can write',
    owned('/opt', 0o040777),
    'programs',
    /\/opt .*anybody/,
    /chmod go-w \/opt/,
  ],
  ['a folder of a group', owned('/opt', 0o040775, 0, 50), 'programs', /group 50/, /chmod go-w \/opt/],
  [
    "somebody's program",
    owned('/home/eve/node', 0o100755, 1001),
    'programs',
    /uid 1001/,
    /chown root \/home\/eve\/node/,
  ],
  [
    "somebody else's than the caller's",
    called(1000, owned('/home/eve/node', 0o100755, 1001)),
    'programs',
    /uid 1001/,
    /chown root/,
  ],
  [
    "the caller's own, which others can write",
    called(1000, owned('/home/me/node', 0o100757, 1000)),
    'programs',
    /anybody/,
    /chmod go-w/,
  ],
  [
    'modules without BTF',
    withKernel({ btf: ['vmlinux', 'ib_core'] }),
    'BTF of modules',
    /none for ib_uverbs$/,
    /CONFIG_DEBUG_INFO_BTF_MODULES=y/,
  ],
  [
    'a function on the blacklist',
    withKernel({ unprobeable: ['rdma_umap_open'] }),
    'kprobes',
    /rdma_umap_open/,
    null,
  ],
  [
    'an unsafe iterator',
    withPlan({ losses: [snapshotLoss], snapshot: null }),
    'snapshot',
    /not safe/,
    /newer kernel/,
  ],
  [
    'an event that cannot be seen',
    withPlan({ losses: [faultLoss, snapshotLoss] }),
    'probes',
    /^no umap_fault: this kernel has no such function$/,
    null,
  ],
  ['no device', { ...SOUND, devices: [] }, 'devices', /no RDMA device/, null],
  [
    'software devices alone',
    {
      ...SOUND,
      devices: [
        { name: 'rxe0', driver: 'rdma_rxe' },
        { name: 'siw0', driver: 'siw' },
      ],
    },
    'devices',
    /rxe0 \(rdma_rxe\), siw0 \(siw\)/,
    null,
  ],
];

const UNKNOWN: readonly (readonly [what: string, facts: Facts, check: string, found: RegExp])[] = [
  [
    'a plan, where addresses are hidden',
    { ...withKernel({ addresses: false }), plan: null, unplanned: 'the kernel hides its addresses' },
    'probes',
    /^no probe plan/,
  ],
  [
    'bpftrace that was not asked',
    withBpftrace({ version: null }),
    'bpftrace',
    /bpftrace, not asked for its version/,
  ],
  ['a plan, without root', { ...SOUND, plan: null }, 'probes', /no probe plan/],
  [
    'a plan, without ib_uverbs',
    {
      ...SOUND,
      uverbs: false,
      plan: withPlan({ losses: [faultLoss] }).plan,
    },
    'probes',
    /ib_uverbs/,
  ],
  [
    'lockdown, without securityfs',
    { ...withKernel({ lockdown: null }), kernel: { ...unmounted('securityfs').kernel, lockdown: null } },
    'lockdown',
    /securityfs/,
  ],
  ['the kernel’s options', withKernel({ options: null }), 'kernel options', /not there/],
  [
    'addresses, without root',
    { ...withKernel({ addresses: false }), process: withProcess({ euid: 1000 }).process },
    'addresses',
    /root/,
  ],
  ['whether bpftrace works, without root', withBpftrace({ trial: null }), 'a tiny program', /root/],
  [
    'whether kprobes are armed, under lockdown',
    withKernel({ kprobesEnabled: null }),
    'kprobes',
    /does not tell it, as under lockdown/,
  ],
  [
    'whether kprobes are armed, without debugfs',
    { ...SOUND, kernel: { ...unmounted('debugfs').kernel, kprobesEnabled: null } },
    'kprobes',
    /debugfs.*not mounted/,
  ],
];

const BY_READING = {
  function: 'show_map',
  kind: 'kprobe',
  reason: `${snapshotLoss.reason}: /proc/PID/maps is read at the start`,
};

const OK: readonly (readonly [what: string, facts: Facts, check: string, found: RegExp])[] = [
  ['perf_event_paranoid=4', withKernel({ perfEventParanoid: 4 }), 'perf events', /is 4.*not concern root/],
  [
    'upstream’s perf_event_paranoid, without CAP_SYS_ADMIN',
    { ...withoutCapabilities('CAP_SYS_ADMIN'), kernel: withKernel({ perfEventParanoid: 2 }).kernel },
    'perf events',
    /is 2/,
  ],
  [
    'CAP_SYS_ADMIN, which is more than CAP_BPF',
    withoutCapabilities('CAP_BPF', 'CAP_PERFMON'),
    'root',
    /root/,
  ],
  ['a kernel without lockdown', withKernel({ lockdown: null }), 'lockdown', /has none/],
  ['lockdown=integrity', withKernel({ lockdown: 'integrity' }), 'lockdown', /integrity/],
  [
    "programs of sudo's caller",
    called(1000, owned('/home/me', 0o040755, 1000)),
    'programs',
    /who called sudo/,
  ],
  ['a sticky folder', owned('/tmp', 0o041777), 'programs', /only root/],
  [
    'a preemptible kernel',
    withKernel({ preemption: 'none voluntary (full) lazy' }),
    'preemption',
    /full: kprobes/,
  ],
  [
    'an unsafe iterator that is not needed',
    withPlan({ snapshot: BY_READING }),
    'snapshot',
    /by show_map: .*not safe.*maps is read/,
  ],
  ['bpftrace 1.0', withBpftrace({ version: '1.0.0' }), 'bpftrace', /1\.0\.0/],
];

describe('a machine on which nothing is wrong', () => {
  it('is ok by every check', () => {
    expect(examine(SOUND).filter(({ diagnosis }) => diagnosis.state !== 'ok')).toEqual([]);
    expect(isAble(examine(SOUND))).toBe(true);
  });

  it('has checks of different names, each telling what it looks at', () => {
    expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
    expect(CHECKS.filter(({ looksAt }) => looksAt === '')).toEqual([]);
  });
});

describe.each([
  ['what makes tracing impossible', 'missing', MISSING],
  ['what makes it worse', 'warning', WARNINGS],
] as const)('%s', (_, state, cases) => {
  it.each(cases)('%s', (_what, facts, check, found, mend) => {
    const diagnosis = ask(check, facts);
    expect(diagnosis).toMatchObject({
      state,
      found: expect.stringMatching(found),
      cost: expect.stringMatching(/./),
      mend: mend === null ? null : expect.stringMatching(mend),
    });
    expect(isAble(examine(facts))).toBe(state === 'warning');
    expect(troubles(examine(facts))).toContainEqual(diagnosis);
  });
});

it.each(UNKNOWN)('cannot be told: %s', (_what, facts, check, found) => {
  expect(ask(check, facts)).toEqual({ state: 'unknown', found: expect.stringMatching(found) });
});

it.each(OK)('is fine: %s', (_what, facts, check, found) => {
  expect(ask(check, facts)).toEqual({ state: 'ok', found: expect.stringMatching(found) });
});

it('every check finds something wrong in one of these tables', () => {
  const found = new Set([...MISSING, ...WARNINGS].map(([, , check]) => check));
  expect(CHECKS.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([]);
});
