/** Hostile settings, each put on a guest and taken off again: what doctor says of it, and what trace says when it hurts. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';
import { type DoctorJson, doctorSchema } from '../../src/report/doctor.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ progress: showProgress() });
  await lab.run(['mount', '-t', 'securityfs', 'securityfs', '/sys/kernel/security']);
});
afterAll(() => lab?.close());

interface Setting {
  /** Shell lines that put it on, and take it off again. */
  readonly on?: string;
  readonly off?: string;
  /** What umaptrace is run by. */
  readonly by?: string;
  readonly umaptrace?: string;
  /** What is traced. */
  readonly traced?: string;
}

interface Visit {
  readonly doctor: DoctorJson;
  /** What trace said on standard error. */
  readonly trace: string;
  /** The exit statuses of both. */
  readonly statuses: string;
}

/** Runs doctor and a short trace under a setting. */
async function visit(setting: Setting): Promise<Visit> {
  const { on = '', off = '', by = '', umaptrace = 'umaptrace', traced = '--duration 1s' } = setting;
  const script = `
    ${on}
    ${by} ${umaptrace} doctor --json >/tmp/doctor.json; d=$?
    ${by} timeout -s KILL 150 ${umaptrace} trace --quiet ${traced} 2>/tmp/trace.err; t=$?
    ${off}
    cp /tmp/doctor.json /tmp/trace.err /share
    echo "doctor $d, trace $t"`;
  await writeFile(join(lab.share, 'visit.sh'), script);
  const { stdout, stderr } = await lab.run(['bash', '/share/visit.sh'], { timeoutSeconds: 270 });
  const doctor: unknown = JSON.parse(await readFile(join(lab.share, 'doctor.json'), 'utf8'));
  return {
    doctor: v.parse(doctorSchema, doctor),
    trace: (await readFile(join(lab.share, 'trace.err'), 'utf8')) + stderr,
    statuses: stdout.trim(),
  };
}

/** The checks that found something wrong, and how wrong. */
const wrong = ({ checks }: DoctorJson): Record<string, string> =>
  Object.fromEntries(
    checks
      .filter(({ state }) => state === 'warning' || state === 'missing')
      .map(({ name, state }) => [name, state]),
  );

/** The fixture maps device memory, but the device is rxe's. */
const ALWAYS = { devices: 'warning' };

/** Runs what follows where something else is mounted. */
const where = (mounts: string): string => `unshare -m bash -c '${mounts}; exec "$@"' bash`;

type Case = readonly [
  what: string,
  setting: Setting,
  /** What doctor finds wrong that it does not always. */
  found: Readonly<Record<string, string>>,
  /** What trace says. */
  said: readonly RegExp[],
];

const FAKE_OLD = `mkdir -p /tmp/old; printf '#!/bin/sh\\necho bpftrace v0.11.3\\n' >/tmp/old/bpftrace; chmod +x /tmp/old/bpftrace`;

/** Settings in which nothing can be traced; some are put on together, and all are told. */
const FATAL: readonly Case[] = [
  [
    'not root',
    { by: 'setpriv --reuid lab --regid lab --clear-groups' },
    { root: 'missing' },
    [/not root.*\n {2}sudo \/\S*node \/\S*umaptrace\.cjs trace/],
  ],
  [
    'root without its capabilities',
    { by: 'setpriv --bounding-set=-all,+chown --inh-caps=-all' },
    { root: 'missing', 'perf events': 'missing', 'a tiny program': 'missing' },
    [/without CAP_BPF, CAP_PERFMON, CAP_SYSLOG/, /sysctl kernel\.perf_event_paranoid=2/],
  ],
  [
    'kptr_restrict=2, ftrace off, kprobes disarmed, an old bpftrace, a container without /sys/kernel/btf',
    {
      on: `${FAKE_OLD}; sysctl -qw kernel.kptr_restrict=2 kernel.ftrace_enabled=0; echo 0 >/sys/kernel/debug/kprobes/enabled`,
      by: `env PATH=/tmp/old:$PATH ${where('mount -t tmpfs none /sys/kernel/btf')}`,
      off: 'sysctl -qw kernel.kptr_restrict=0 kernel.ftrace_enabled=1; echo 1 >/sys/kernel/debug/kprobes/enabled',
    },
    {
      ...{ addresses: 'missing', ftrace: 'missing', kprobes: 'missing', BTF: 'missing' },
      ...{ bpftrace: 'missing', 'a tiny program': 'missing' },
    },
    [
      /\/tmp\/old\/bpftrace is 0\.11\.3, which is too old.*\n {2}put bpftrace 0\.17 or later first on PATH/,
      /hides its addresses.*\n {2}sysctl kernel\.kptr_restrict=1\n/,
      /ftrace is disabled.*\n {2}sysctl kernel\.ftrace_enabled=1\n/,
      /disarmed.*\n {2}echo 1 > \/sys\/kernel\/debug\/kprobes\/enabled\n/,
      /\/sys\/kernel\/btf\/vmlinux is hidden.*\n {2}.*-v \/sys\/kernel\/btf:\/sys\/kernel\/btf:ro/,
    ],
  ],
  [
    'no bpftrace, no ib_uverbs',
    {
      on: 'mv /usr/bin/bpftrace /tmp; rxe-device down; until modprobe -qr rdma_rxe ib_uverbs; do sleep 0.5; done',
      off: 'mv /tmp/bpftrace /usr/bin; rxe-device up',
    },
    { bpftrace: 'missing', ib_uverbs: 'missing' },
    [/bpftrace is not installed.*\n {2}apt install bpftrace/, /not loaded.*\n {2}modprobe ib_uverbs.*--wait/],
  ],
  [
    'no ib_uverbs, a container without /sys/kernel/btf',
    {
      on: 'rxe-device down; until modprobe -qr rdma_rxe ib_uverbs; do sleep 0.5; done',
      by: where('mount -t tmpfs none /sys/kernel/btf'),
      off: 'rxe-device up',
    },
    { ib_uverbs: 'missing', BTF: 'missing' },
    [/not loaded.*\n {2}modprobe ib_uverbs.*--wait/, /\/sys\/kernel\/btf\/vmlinux is hidden/],
  ],
  [
    'a bpftrace whose compiler is broken, modules without BTF',
    {
      on: 'mkdir /tmp/btf; cp /sys/kernel/btf/vmlinux /sys/kernel/btf/ib_core /tmp/btf',
      by: where(
        'mount --bind /tmp/btf /sys/kernel/btf; mount --bind /etc/hostname $(ldd /usr/bin/bpftrace | grep -o "/[^ ]*libLLVM[^ ]*")',
      ),
    },
    { 'a tiny program': 'missing', 'BTF of modules': 'warning' },
    [
      /bpftrace could not attach/,
      /cannot run a tiny program.*libLLVM.*\n {2}apt install --reinstall bpftrace/,
    ],
  ],
];

describe('settings in which nothing can be traced: doctor and trace exit with 4, and name what mends it', () => {
  it.each(FATAL)('%s', async (_what, setting, found, said) => {
    const { doctor, trace, statuses } = await visit(setting);
    expect(statuses, trace).toBe('doctor 4, trace 4');
    expect(wrong(doctor)).toEqual({ ...ALWAYS, ...found });
    for (const words of said) expect(trace).toMatch(words);
  });
});

describe('settings at a cost: doctor warns, and so does trace', () => {
  it('another pid namespace, programs that anybody can write, perf_event_paranoid=4', async () => {
    const { doctor, trace, statuses } = await visit({
      on: 'mkdir /tmp/open; cp -r /lab/checkout/bin /lab/checkout/dist /lab/checkout/package.json /tmp/open; chmod o+w /tmp/open/dist/umaptrace.cjs; sysctl -qw kernel.perf_event_paranoid=4',
      by: 'unshare -pf --mount-proc',
      umaptrace: '/lab/node/node /tmp/open/bin/umaptrace.cjs',
      off: 'sysctl -qw kernel.perf_event_paranoid=3',
    });
    expect(statuses, trace).toBe('doctor 0, trace 0');
    expect(wrong(doctor)).toEqual({ ...ALWAYS, 'pid namespace': 'warning', programs: 'warning' });
    expect(trace).toMatch(
      /umaptrace\.cjs can be changed by anybody.*\n {2}chown root \/tmp\/open\/dist\/umaptrace\.cjs && chmod go-w/,
    );
    expect(trace).toMatch(/not the pid namespace of the host.*\n.*--pid=host/);
    expect(doctor.checks.find(({ name }) => name === 'perf events')?.found).toContain('is 4');
  });

  it('no tracefs: bpftrace refuses trampolines, and kprobes see the same', async () => {
    const { doctor, trace, statuses } = await visit({
      by: where('umount /sys/kernel/tracing; mount -t tmpfs none /sys/kernel/debug/tracing'),
      traced: '-- lifecycle >/dev/null',
    });
    expect(statuses, trace).toBe('doctor 0, trace 0');
    expect(wrong(doctor)).toEqual({ ...ALWAYS, tracefs: 'warning' });
    // Trampolines would keep modules from being unloaded, which would be said.
    expect(trace).not.toContain('cannot be unloaded');
    expect(trace).toMatch(/VMAs +8 tracked/);
    expect(trace).toMatch(/, 0 lost/);
  });

  it('a memory cgroup that is too small', async () => {
    // The files of the programs are read outside: that cgroup would have to read them over and over. With 110 MiB it is the buffers of
    // bpftrace that find no room, which kills nobody (__GFP_RETRY_MAYFAIL, kernel/bpf/ringbuf.c).
    const { doctor, trace, statuses } = await visit({
      on: 'umaptrace probes >/dev/null; mkdir -p /sys/fs/cgroup/small; echo +memory >/sys/fs/cgroup/cgroup.subtree_control; echo 80M >/sys/fs/cgroup/small/memory.max',
      by: `bash -c 'echo $$ >/sys/fs/cgroup/small/cgroup.procs; exec "$@"' bash`,
    });
    expect(wrong(doctor)).toMatchObject({ memory: 'warning' });
    expect(statuses, trace).toMatch(/trace 4$/);
    expect(trace).toMatch(/bpftrace could not attach \(SIGKILL\)/);
    expect(trace).toMatch(
      /no more than \d+ MiB can be had.*\n {2}echo \d+M > \/sys\/fs\/cgroup\/small\/memory\.max/,
    );
  });
});

describe('what cannot be taken back', () => {
  it('lockdown=confidentiality', async () => {
    const { doctor, trace, statuses } = await visit({
      on: 'echo confidentiality >/sys/kernel/security/lockdown',
    });
    expect(statuses, trace).toBe('doctor 4, trace 4');
    expect(wrong(doctor)).toMatchObject({ lockdown: 'missing', 'a tiny program': 'missing' });
    expect(trace).toMatch(/locked down \(confidentiality\).*\n {2}boot with lockdown=integrity/);
  });
});
