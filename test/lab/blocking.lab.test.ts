import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { DEFAULT_KERNEL } from '../../lab/kernels.ts';
import { showProgress } from '../../lab/progress.ts';
import { checkSchema } from '../../src/report/schema.ts';
import { kernels } from './kernels.ts';
import { check, record } from './traced.ts';

/** rxe of 7.3 disassociates, and no reset of 7.2 on can deadlock: what blocks is tested where it does. */
const tested = kernels.filter((kernel) => kernel === DEFAULT_KERNEL);

/** A removal that waits for a process with a mapping and for one that was only handed the descriptor. */
const STUCK = `
until_it_is() { for i in $(seq 600); do "$@" && return; sleep 0.2; done; echo "gave up waiting for $*" >&2; exit 99; }
rxe-device restart disassociate=N || exit 98
rm -f /tmp/ready
umaptrace record --force -o /share/stuck.rec --ready-file /tmp/ready 2>/share/stuck.err & TRACE=$!
until_it_is test -e /tmp/ready
holder --hand --hold 600 >/tmp/holder.out & HOLDER=$!
until_it_is grep -q '"maps"' /tmp/holder.out
rdma link delete rxe0 & REMOVER=$!
until_it_is grep -q 'holds fd' /share/stuck.err
# What a machine that crashes a little later would leave: a mark is written every second.
marks() { grep -c '^{"mark"' /share/stuck.rec; }
BEFORE=$(marks)
later() { [ "$(marks)" -gt $((BEFORE + 1)) ]; }
until_it_is later
cp /share/stuck.rec /share/stuck-still.rec
kill $HOLDER
wait $REMOVER
until_it_is grep -q 'ended after' /share/stuck.err
kill -INT $TRACE
wait $TRACE || exit 97
rxe-device restart
echo $HOLDER $REMOVER
`;

const SECOND_DEVICE = `
ip link add dummy1 type dummy && ip link set dummy1 up && ip addr add 10.0.1.1/24 dev dummy1 &&
rdma link add rxe1 type rxe netdev dummy1`;

async function findings(recording: string) {
  const { stdout } = await check(recording, '--json');
  return v.parse(checkSchema, JSON.parse(stdout));
}

describe.each(tested)('what blocks, and what cannot be revoked, on %s', (kernel) => {
  let lab: Lab;
  const script = (text: string) => lab.run(['bash', '-c', text], { timeoutSeconds: 250 });
  beforeAll(async () => {
    lab = await openLab({ kernel, progress: showProgress() });
  });
  afterAll(() => lab?.close());
  // What a failed test leaves behind is not the fault of its second try, nor of the next.
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    await lab.close();
    lab = await openLab({ kernel, progress: showProgress() });
  });

  it('a removal that waits for holders names them, live within 5 s of the limit, and in the report', async () => {
    const result = await script(STUCK);
    expect(result.status, result.stderr).toBe(0);
    const [holder = '', remover = ''] = result.stdout.trim().split('\n').at(-1)?.split(' ') ?? [];
    const said = await readFile(join(lab.share, 'stuck.err'), 'utf8');
    const [, still] =
      new RegExp(`rxe0 by rdma\\[${remover}\\] has stood still for (\\S+) s`).exec(said) ?? [];
    expect(Number(still)).toBeGreaterThanOrEqual(5);
    expect(Number(still)).toBeLessThan(10);
    expect(said).toMatch(
      new RegExp(
        `U1 is open: holder\\[${holder}\\] holds fd \\d+, 1 VMA; ta\\\\nker\\[\\d+\\] holds fd \\d+`,
      ),
    );
    expect(said).toMatch(/the removal of rxe0 by rdma\[\d+\] ended after \S+ s/);
    const stuck = await findings(join(lab.share, 'stuck-still.rec'));
    const [finding] = stuck.findings.filter(({ rule }) => rule === 'stuck-remove');
    expect(finding).toMatchObject({ severity: 'warning', ufile: 'U1' });
    expect(finding?.message).toMatch(
      new RegExp(
        `held by pid ${holder} \\(holder\\): fd \\d+, 1 VMA and by pid \\d+ \\(ta\\nker\\): fd \\d+;`,
      ),
    );
    const ended = await findings(join(lab.share, 'stuck.rec'));
    expect(ended.findings.filter(({ rule }) => rule === 'stuck-remove')).toEqual([]);
  });

  it('a disassociation that waits for an mm names the process and the wait', async () => {
    const second = await script(SECOND_DEVICE);
    expect(second.status, second.stderr).toBe(0);
    const { result, recording } = await record(lab, 'busy', ['busy', '--busy-ms', '8000']);
    expect(result.status, result.stderr).toBe(0);
    expect(result.stderr).toMatch(/stood still for \S+ s\n {2}D1, of U1, waits for the mm of busy\[\d+\]/);
    const slow = await findings(recording);
    expect(slow.verdict).toBe('pass');
    const [finding] = slow.findings.filter(({ rule }) => rule === 'slow-disassociate');
    expect(finding?.message).toMatch(/it waited \S+ s for the mm of pid \d+ \(busy\)/);
    const down = await script('rdma link delete rxe1 && rxe-device restart');
    expect(down.status, down.stderr).toBe(0);
  });

  it('device memory that was mapped behind the back of rdma_user_mmap_io is told, all else is not', async () => {
    const { result, recording } = await record(lab, 'outside', ['kinds', '--outside']);
    expect(result.status, result.stderr).toBe(0);
    const { verdict, findings: all, missing } = await findings(recording);
    expect(verdict).toBe('vacuous');
    expect(all.filter(({ rule }) => rule === 'untracked-io')).toMatchObject([{ severity: 'warning' }]);
    expect(missing).toEqual([]);
  });

  // Last: what it gets stuck stays so until the machine is reset.
  it('a reset and a fork that wait for each other: both are named, with the stacks that show it', async () => {
    const { result, recording } = await record(lab, 'inversion', ['race-fork-reset']);
    expect(result.status, result.stderr).toBe(76);
    const checked = await findings(recording);
    expect(checked.verdict).toBe('violation');
    const [finding] = checked.findings.filter(({ rule }) => rule === 'lock-inversion');
    const [forker = 0, resetter = 0] = result.stdout
      .split('\n')
      .filter((line) => line.startsWith('{"truth":"stuck"'))
      .map((line) => v.parse(v.looseObject({ pid: v.number() }), JSON.parse(line)).pid);
    expect(finding?.message).toContain(
      `pid ${resetter} (race-fork-reset) waits in uverbs_user_mmap_disassociate for the mmap_lock of pid ${forker} (race-fork-reset), which holds it in rdma_umap_open`,
    );
  });
});
