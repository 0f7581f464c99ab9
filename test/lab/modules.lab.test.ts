import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';
import { timelineSchema } from '../../src/report/schema.ts';
import { kernels } from './kernels.ts';
import { check, report } from './traced.ts';

const ROUNDS = 20;
/** Until here, and in the last 5, its probes are attached again in each round; between, it is gone before that. */
const EARLY = 3;

/** Functions of the scripts: a trace in the background; what of it may leak; a module that goes, patiently. */
const COMMON = `
start_trace() {
  rm -f /tmp/ready
  umaptrace record --force --ready-file /tmp/ready "$@" 2>/share/trace.err &
  TRACE=$!
  while [ ! -e /tmp/ready ]; do kill -0 $TRACE || exit 97; sleep 0.1; done
}
# As systemctl stop does: all processes of the service at once.
end_trace() { pkill -TERM -x 'bpftrace|cat'; kill -TERM $TRACE; wait $TRACE; }
go() { [ -e /sys/module/$1 ] || return 0; n=0; until rmmod "$1" 2>/dev/null; do n=$((n + 1)); [ $n -gt 100 ] && { lsmod >&2; exit 96; }; sleep 0.1; done; }
`;

/** The driver is unloaded and loaded again; in each round the device is opened once. What is alive in umaptrace goes to /share. */
const RELOAD_RXE = `
mkdir /tmp/heap
export NODE_OPTIONS='--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=/tmp/heap'
alive() { kill -USR2 $TRACE; until tail -c 2 /tmp/heap/* 2>/dev/null | grep -q ']}'; do kill -0 $TRACE || exit 92; sleep 0.5; done; mv /tmp/heap/* /share/$1.heap; }
attached() { grep -ac '^A ' /share/reload.rec; }
rxe-device restart --no-fixture
start_trace -o /share/reload.rec
for i in $(seq ${ROUNDS}); do
  had=$(attached)
  rdma link delete rxe0 && go rdma_rxe && modprobe rdma_rxe && rdma link add rxe0 type rxe netdev dummy0 || exit 95
  holder --no-map --hold 0 >/dev/null || exit 94
  [ $i -gt ${EARLY} ] && [ $i -le ${ROUNDS - 5} ] || until [ $(attached) -gt $had ]; do kill -0 $TRACE || exit 92; sleep 0.2; done
  case $i in ${EARLY}|${ROUNDS}) ls /proc/$TRACE/fd | wc -l; alive $i;; esac
done
end_trace
`;

/** All of RDMA is unloaded and loaded again, at other addresses, and used while its probes are attached again. */
const RELOAD_UVERBS = `
start_trace --no-pin -o /share/uverbs.rec
rxe-device down && go rdma_rxe && go rdma_ucm && go ib_uverbs || exit 93
rxe-device up
while ! grep -aq '^A ' /share/uverbs.rec; do kill -0 $TRACE || exit 92; sleep 0.2; done
lifecycle || exit 91
# The new audit: what looked before was unloaded when the module came back.
until ls /proc/*/root/sys/fs/bpf/umaptrace_2 >/dev/null 2>&1; do kill -0 $TRACE || exit 92; sleep 0.2; done
unplug --hold 4 || exit 91
end_trace
rxe-device restart
`;

/** Two devices that go and return, by the same name under the same number, then under each other's. */
const TWO_DEVICES = `
until_it_is() { for i in $(seq 600); do "$@" && return; sleep 0.1; done; echo "gave up waiting for $*" >&2; exit 90; }
# hold NAME DEVICE VMAS: a process with mappings; its pid goes to $NAME
hold() { : >/tmp/$1; holder --device $2 --vmas $3 --hold 250 >/tmp/$1 & eval $1=$!; until_it_is grep -q '"maps"' /tmp/$1; }
# named MINOR N: the last that was told of that number is the name rxeN
named() { grep -a "^V .* e7000$1 " /share/devices.rec | tail -n 1 | grep -q " 3$2657872 "; }
ip link add dummy1 type dummy && ip link set dummy1 up && ip addr add 10.0.1.1/24 dev dummy1 || exit 89
add() { rdma link add rxe$1 type rxe netdev dummy$1 || exit 88; }
add 1
start_trace -o /share/devices.rec
hold A rxe0 1; hold B rxe1 2
rdma link delete rxe0; add 0
hold C rxe0 3
rdma link delete rxe1; rdma link delete rxe0
# The other way round: each gets the number that the other had.
add 1; add 0
until_it_is named c0 1; until_it_is named c1 0
hold D rxe1 4; hold E rxe0 5
rdma link delete rxe1
kill $A $B $C $D $E; wait $A $B $C $D $E
end_trace || exit 87
rdma link delete rxe0; ip link delete dummy1
echo $A $B $C $D $E
`;

/** What a V8 heap snapshot has of the sizes of objects. */
const heapSchema = v.object({
  snapshot: v.object({ meta: v.object({ node_fields: v.array(v.string()) }) }),
  nodes: v.array(v.number()),
});

/** Bytes of all that is alive in a heap snapshot, buffers with it. */
async function aliveIn(file: string): Promise<number> {
  const { snapshot, nodes } = v.parse(heapSchema, JSON.parse(await readFile(file, 'utf8')));
  const fields = snapshot.meta.node_fields;
  const size = fields.indexOf('self_size');
  return nodes.reduce((sum, value, i) => (i % fields.length === size ? sum + value : sum), 0);
}

describe.each(kernels.slice(0, 1))('modules that come and go on %s', (kernel) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab({ kernel, progress: showProgress() });
    await writeFile(join(lab.share, 'reload-rxe.sh'), COMMON + RELOAD_RXE);
    await writeFile(join(lab.share, 'reload-uverbs.sh'), COMMON + RELOAD_UVERBS);
    await writeFile(join(lab.share, 'devices.sh'), COMMON + TWO_DEVICES);
  });
  afterAll(() => lab?.close());

  it(`rdma_rxe goes and comes back ${ROUNDS} times: every ufile is seen, nothing leaks`, {
    timeout: 600_000,
  }, async () => {
    const { status, stdout, stderr } = await lab.run(['bash', '/share/reload-rxe.sh'], {
      timeoutSeconds: 560,
    });
    expect(status, stderr).toBe(0);
    const recording = join(lab.share, 'reload.rec');
    const { ufiles, recording: about } = v.parse(
      timelineSchema,
      JSON.parse(await report(recording, '--format', 'json')),
    );
    expect(about).toMatchObject({ complete: true, lost: 0 });
    expect(ufiles).toHaveLength(ROUNDS);
    expect(ufiles.every(({ opened, closed, freed }) => opened && closed && freed)).toBe(true);
    const [early = 0, late = Infinity] = stdout.trim().split('\n').map(Number);
    expect(late).toBeLessThanOrEqual(early + 5);
    const [before, after] = await Promise.all(
      [EARLY, ROUNDS].map((round) => aliveIn(join(lab.share, `${round}.heap`))),
    );
    expect(before).toBeGreaterThan(5e6);
    expect(after).toBeLessThan((before ?? 0) + 1e6);
  });

  it('ib_uverbs goes and comes back under --no-pin: traced again, and never a pass', async () => {
    const { status, stderr } = await lab.run(['bash', '/share/reload-uverbs.sh'], { timeoutSeconds: 200 });
    expect(status, stderr).toBe(0);
    const recording = join(lab.share, 'uverbs.rec');
    const { ufiles } = v.parse(timelineSchema, JSON.parse(await report(recording, '--format', 'json')));
    const vmas = ufiles.flatMap((ufile) => ufile.vmas);
    expect(vmas.map(({ origin }) => origin.cause)).toEqual(
      expect.arrayContaining(['mmap', 'fork', 'split', 'mremap']),
    );
    expect(vmas.every(({ state }) => state === 'closed')).toBe(true);
    // What reads page tables knows the new addresses, too.
    const read = vmas.filter(({ audit }) => audit !== null && audit.absent + audit.dummy === audit.pages);
    expect(read.length).toBeGreaterThan(0);
    const outcome = await check(recording);
    expect([outcome.status, outcome.stdout]).toEqual([3, expect.not.stringContaining('came too late')]);
  });

  it('two devices that go and return: ufiles, names and zaps are those of their own device', async () => {
    const { status, stdout, stderr } = await lab.run(['bash', '/share/devices.sh'], { timeoutSeconds: 200 });
    expect(status, stderr).toBe(0);
    const pids = stdout.trim().split('\n').at(-1)?.split(' ').map(Number);
    const recording = join(lab.share, 'devices.rec');
    const told = v.parse(timelineSchema, JSON.parse(await report(recording, '--format', 'json')));
    expect(told.recording).toMatchObject({ complete: true, lost: 0 });
    expect(
      told.ufiles.map(({ device, uverbs, opened, vmas }) => [device, uverbs, opened?.pid, vmas.length]),
    ).toEqual([
      ['rxe0', 'uverbs0', pids?.[0], 1],
      ['rxe1', 'uverbs1', pids?.[1], 2],
      ['rxe0', 'uverbs0', pids?.[2], 3],
      ['rxe1', 'uverbs0', pids?.[3], 4],
      ['rxe0', 'uverbs1', pids?.[4], 5],
    ]);
    const zapped = (id: string | undefined) =>
      told.disassociations
        .filter(({ ufile }) => ufile === id)
        .map(({ device, zaps }) => [device, zaps.map(({ vma }) => vma).sort()]);
    for (const { id, device, vmas } of told.ufiles.slice(0, 4))
      expect(zapped(id)).toEqual([[device, vmas.map((vma) => vma.id).sort()]]);
    expect(told.disassociations).toHaveLength(4);
    expect(told.verdict).toBe('pass');
    const opened = async (...of: string[]) =>
      [...(await report(recording, ...of)).matchAll(/ (U\d) +opened {2}(.*)/g)].map(
        ([, id, name]) => `${id} ${name}`,
      );
    const ofOne = ['U2 rxe1 (uverbs1)', 'U4 rxe1 (uverbs0)'];
    const ofZero = ['U1 rxe0 (uverbs0)', 'U3 rxe0 (uverbs0)', 'U5 rxe0 (uverbs1)'];
    expect(await opened()).toEqual([...ofZero, ...ofOne].sort());
    expect(await opened('--device', 'rxe1')).toEqual(ofOne);
    expect(await opened('--device', 'rxe0')).toEqual(ofZero);
    expect(await report(recording, '--device', 'rxe1')).not.toContain('removal of rxe0');
  });
});
