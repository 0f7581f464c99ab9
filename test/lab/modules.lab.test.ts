import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';
import { timelineSchema } from '../../src/report/schema.ts';
import { kernels } from './kernels.ts';
import { check, report } from './traced.ts';

const ROUNDS = 20;

/** Functions of the scripts: a trace in the background; what of it may leak; a module that goes, patiently. */
const COMMON = `
start_trace() {
  rm -f /tmp/ready
  umaptrace record --force --ready-file /tmp/ready "$@" 2>/share/trace.err &
  TRACE=$!
  while [ ! -e /tmp/ready ]; do kill -0 $TRACE || exit 97; sleep 0.1; done
}
end_trace() { kill -INT $TRACE; wait $TRACE; }
go() { [ -e /sys/module/$1 ] || return 0; n=0; until rmmod "$1" 2>/dev/null; do n=$((n + 1)); [ $n -gt 100 ] && { lsmod >&2; exit 96; }; sleep 0.1; done; }
`;

/** The driver is unloaded and loaded again; in each round the device is opened once. */
const RELOAD_RXE = `
rxe-device restart --no-fixture
start_trace -o /share/reload.rec
for i in $(seq ${ROUNDS}); do
  rdma link delete rxe0 && go rdma_rxe && modprobe rdma_rxe && rdma link add rxe0 type rxe netdev dummy0 || exit 95
  holder --no-map --hold 0 >/dev/null || exit 94
  [ $i = 3 ] || [ $i = ${ROUNDS} ] && printf '{"fds":%s,"kb":%s}\\n' $(ls /proc/$TRACE/fd | wc -l) $(awk '/VmRSS/ {print $2}' /proc/$TRACE/status)
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
end_trace
`;

const leak = v.object({ fds: v.number(), kb: v.number() });

describe.each(kernels.slice(0, 1))('modules that come and go on %s', (kernel) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab({ kernel, progress: showProgress() });
    await writeFile(join(lab.share, 'reload-rxe.sh'), COMMON + RELOAD_RXE);
    await writeFile(join(lab.share, 'reload-uverbs.sh'), COMMON + RELOAD_UVERBS);
  });
  afterAll(() => lab?.close());

  it(`rdma_rxe goes and comes back ${ROUNDS} times: every ufile is seen, nothing leaks`, async () => {
    const { status, stdout, stderr } = await lab.run(['bash', '/share/reload-rxe.sh'], {
      timeoutSeconds: 280,
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
    const [early, late] = stdout
      .trim()
      .split('\n')
      .map((line) => v.parse(leak, JSON.parse(line)));
    expect(late?.fds).toBeLessThanOrEqual((early?.fds ?? 0) + 5);
    expect(late?.kb).toBeLessThan(1.5 * (early?.kb ?? 0));
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
    expect((await check(recording)).status).toBe(3);
  });
});
