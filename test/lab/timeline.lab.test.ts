import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';
import { doctorSchema } from '../../src/report/doctor.ts';
import { atSchema, timelineSchema } from '../../src/report/schema.ts';
import { compareBtf } from './btf.ts';
import { kernels } from './kernels.ts';
import { plainTrace } from './plain.ts';
import { check, checkPiped, record, report, type Traced } from './traced.ts';
import { compareMoment, type MappedRange, type MapsTruth } from './truth.ts';

type Timeline = v.InferOutput<typeof timelineSchema>;
type TimelineVma = Timeline['ufiles'][number]['vmas'][number];

const timelineOf = async (recording: string): Promise<Timeline> =>
  v.parse(timelineSchema, JSON.parse(await report(recording, '--format', 'json')));

/** The live set that `report --at` gives for a moment. */
async function liveAt(recording: string, ns: bigint): Promise<MappedRange[]> {
  const at = v.parse(atSchema, JSON.parse(await report(recording, '--at', `${ns}`, '--format', 'json')));
  return at.vmas.map(({ pid, start, end }) => ({ pid, start: Number(start), end: Number(end) }));
}

/** Holds every moment of a workload's truth against the timeline. @returns how many mappings were compared */
async function compareAll({ recording, truth }: Traced): Promise<number> {
  let compared = 0;
  for (const moment of truth.maps) {
    const difference = compareMoment(moment, await liveAt(recording, moment.ns));
    expect({ ns: moment.ns, missing: difference.missing, surplus: difference.surplus }).toEqual({
      ns: moment.ns,
      missing: [],
      surplus: [],
    });
    compared += difference.compared;
  }
  return compared;
}

/** The first moment at which something was mapped, with one page too many. */
const planted = ({ truth }: Traced): MapsTruth[] =>
  truth.maps
    .filter(({ pids }) => pids.some(({ maps }) => maps.length > 0))
    .slice(0, 1)
    .map((moment) => ({
      ...moment,
      pids: moment.pids.map(({ pid, maps }) => ({
        pid,
        maps: maps.map((map) => ({ ...map, end: map.end + 4096 })),
      })),
    }));

const vmasOf = ({ ufiles }: Timeline): TimelineVma[] => ufiles.flatMap(({ vmas }) => vmas);

describe.each(kernels)('the timeline on %s', (kernel) => {
  let lab: Lab;
  /** The recording of lifecycle; after a second boot it is not in the lab's folder. */
  let lifecycle = '';
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

  it('doctor: nothing is missing; how what was mapped before is listed', async () => {
    const { status, stdout, stderr } = await lab.run(['umaptrace', 'doctor', '--json']);
    expect(status, stdout + stderr).toBe(0);
    const { checks } = v.parse(doctorSchema, JSON.parse(stdout));
    const iterates = !['5.10', '6.1'].includes(kernel);
    expect(checks.find(({ name }) => name === 'snapshot')).toMatchObject({
      found: expect.stringMatching(iterates ? /by an iterator/ : /task_vma iterator/),
    });
  });

  it('the BTF reader finds what bpftool finds', async () => {
    // Modules without BTF have no file there.
    const copy =
      'mkdir /share/btf; cd /sys/kernel/btf; for it in vmlinux ib_core ib_uverbs rdma_rxe; do test ! -e $it || cat $it >/share/btf/$it; done';
    expect((await lab.run(['sh', '-c', copy])).status).toBe(0);
    const { compared, different } = await compareBtf(join(lab.share, 'btf'), [
      'ib_core',
      'ib_uverbs',
      'rdma_rxe',
    ]);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(200);
  });

  // bpftrace 0.17 has a buffer for each CPU, and reads one after the other.
  if (['5.10', '6.1'].includes(kernel)) {
    it('storm: what a bpftrace tells that was held up is put in order', async () => {
      const storm = 'storm --threads 2 --cycles 10000000 --fork-every 50 --seconds 4';
      const heldUp = `pkill -STOP -x bpftrace; ${storm}; pkill -CONT -x bpftrace`;
      const { recording, result } = await record(lab, 'held-up', ['sh', '-c', heldUp]);
      expect(result.status, result.stderr).toBe(0);
      expect(result.stderr).toContain(', 0 lost');
      expect(result.stderr).not.toContain('came too late');
      expect(await report(recording, '--until', '0')).toContain(', 0 lost');
      expect((await check(recording)).stdout).toContain('Verdict  vacuous');
      const piped = await checkPiped(recording);
      expect(piped).toContain('came too late to be put in order');
    });
  }

  it('lifecycle: names, causes, parents and ranges are what the maps say; one page too many is seen', async () => {
    const traced = await record(lab, 'lifecycle', ['lifecycle']);
    expect(traced.result.status, traced.result.stderr).toBe(0);
    lifecycle = traced.recording;
    expect(await compareAll(traced)).toBeGreaterThan(10);
    const timeline = await timelineOf(traced.recording);
    expect(timeline.recording).toMatchObject({ complete: true, lost: 0 });
    const [parent] = traced.truth.maps[0]?.pids ?? [];
    const child = traced.truth.did.find(({ what }) => what === 'fork')?.child;
    const shapes = vmasOf(timeline).map(({ id, kind, pid, origin }) => [
      id,
      kind,
      pid,
      origin.cause,
      origin.parent,
    ]);
    expect(shapes.filter(([, , pid]) => pid === child)).toHaveLength(3);
    for (const { cgroup } of vmasOf(timeline)) expect(cgroup).toEqual({ id: 1, path: '/' });
    expect(shapes.filter(([, , , cause]) => cause === 'mmap')).toEqual([
      ['V1', 'io', parent?.pid, 'mmap', null],
    ]);
    expect(new Set(shapes.map(([, , , cause]) => cause))).toEqual(
      new Set(['mmap', 'split', 'mremap', 'fork']),
    );
    expect(vmasOf(timeline).every(({ state, ended }) => state === 'closed' && ended !== null)).toBe(true);
    expect((await check(traced.recording)).stdout).toContain('Verdict  vacuous');
    await expect(
      compareAll({ ...traced, truth: { ...traced.truth, maps: planted(traced) } }),
    ).rejects.toThrow(/missing/);
  });

  it('plain bpftrace runs the program that is printed for it, and tells the same', async () => {
    const run = await lab.run(['sh', '-c', plainTrace('lifecycle >/dev/null || exit 96')], {
      timeoutSeconds: 240,
    });
    expect(run.status, run.stderr).toBe(0);
    const shapesOf = async (recording: string) =>
      vmasOf(await timelineOf(recording)).map(({ id, kind, state, origin, history }) => [
        ...[id, kind, state, origin.cause, origin.parent],
        history.map(({ what }) => what),
      ]);
    expect(await shapesOf(join(lab.share, 'plain.rec'))).toEqual(await shapesOf(lifecycle));
  });

  it('handed-fd: a process that did not open the ufile maps it and outlives the opener', async () => {
    const traced = await record(lab, 'handed-fd', ['handed-fd']);
    expect(traced.result.status, traced.result.stderr).toBe(0);
    expect(await compareAll(traced)).toBeGreaterThan(0);
    const [ufile] = (await timelineOf(traced.recording)).ufiles;
    expect(ufile?.vmas.some(({ pid }) => pid !== ufile.opened?.pid)).toBe(true);
    expect((await check(traced.recording)).stdout).toContain('Verdict  vacuous');
  });

  it('unplug: phases, one zap for each VMA alive, touches that got the dummy page, the end of the ufile', async () => {
    const traced = await record(lab, 'unplug', ['unplug']);
    expect(traced.result.status, traced.result.stderr).toBe(0);
    expect(await compareAll(traced)).toBeGreaterThan(10);
    const timeline = await timelineOf(traced.recording);
    const [ufile] = timeline.ufiles;
    expect(ufile).toMatchObject({ id: 'U1', device: 'rxe0', uverbs: 'uverbs0' });
    expect(ufile?.opened?.comm).toBe('unplug');
    expect(ufile?.closed).not.toBeNull();
    expect(ufile?.freed).not.toBeNull();
    const tracked = vmasOf(timeline).filter(({ kind }) => kind === 'io');
    const parent = ufile?.opened?.pid;
    const child = traced.truth.did.find(({ what }) => what === 'fork')?.child;
    expect(tracked.map(({ pid }) => pid)).toEqual([parent, parent, child, child]);
    expect(tracked.every(({ pfn }) => pfn !== null)).toBe(true);
    const [disassociation] = timeline.disassociations;
    expect(timeline.disassociations).toHaveLength(1);
    expect(disassociation).toMatchObject({ kind: 'remove', ufile: 'U1' });
    expect(Object.values(disassociation?.phases ?? {}).every((phase) => phase !== null)).toBe(true);
    expect(disassociation?.zaps.map(({ vma }) => vma).sort()).toEqual(tracked.map(({ id }) => id).sort());
    const touches = tracked.flatMap(({ history }) => history.filter(({ what }) => what === 'vma-touched'));
    expect(touches.length).toBeGreaterThan(3);
    expect(ufile?.ucontext.ended).not.toBeNull();
    const checked = await check(traced.recording);
    expect(checked.status, checked.stdout).toBe(0);
    expect((await lab.run(['rxe-device', 'restart'])).status).toBe(0);
  });
});
