import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Again } from '../../src/capture/again.ts';
import { Capture, type HeaderText } from '../../src/capture/capture.ts';
import { CgroupPaths } from '../../src/capture/cgroups.ts';
import { ModuleWatch } from '../../src/capture/modules.ts';
import type { Attachment, PlannedProbe } from '../../src/plan/plan.ts';
import type { SnapshotProgram } from '../../src/plan/program.ts';
import { attached, fakeBpftrace, snapshot } from './fake.ts';

const fake = fakeBpftrace();
afterAll(() => fake.remove());
/** What runs an iterator is a program of the fake's, where it is not kept in a bpf file system. */
beforeEach(() => vi.stubEnv('PATH', `${fake.folder}:${process.env['PATH']}`));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
const never = new AbortController().signal;

/** A capture of a fake bpftrace, what it gives out, and what its header was told. */
function capturing(
  text: string,
  snapshots: readonly SnapshotProgram[][] = [],
  audits: readonly Attachment[] = [],
) {
  const blocks: Buffer[] = [];
  let told: readonly PlannedProbe[] = [];
  const header: HeaderText = (_moment, _attached, probes) => {
    told = probes;
    return 'header';
  };
  const capture = new Capture({
    bpftrace: fake.bpftrace,
    program: { text, readiness: [0], env: {}, shared: false, snapshots, audits, iteratorEnv: {} },
    sink: async (block) => {
      blocks.push(block);
    },
    attachments: [],
    watch: new ModuleWatch([]),
    again: (): Promise<Again> => {
      throw new Error('no module came');
    },
  });
  return {
    capture,
    ready: () => capture.ready(never, header),
    told: () => told,
    text: () => Buffer.concat(blocks).toString('latin1'),
  };
}

describe('a capture', () => {
  test('gives out what came before it was ready in order of time, then what comes', async () => {
    const { capture, ready, text } = capturing(attached('echo ZZ 0 1 fffffffffffffff 1 1 0 0'), []);
    expect(await ready()).toBe(true);
    const [early = ''] = text().split('{"mark');
    expect(early.indexOf('header\n')).toBe(0);
    expect(early.lastIndexOf('\nR 0 0 ')).toBeLessThan(early.indexOf('\nZZ 0 1 '));
    await expect.poll(text, { timeout: 15_000 }).toMatch(/^header\n(?:.*\n)*\{"mark.*\n(?:.*\n)*ZZ 0 1 f/);
    expect(await capture.stop()).toMatchObject({ asked: true, status: 0 });
    expect(text()).toMatch(/@n\[0\]: 1\n$/);
  });

  test('tells the path of a cgroup before the event that names it, and the header before all', async () => {
    const path = { cgroup: { id: 5, path: '/box' } };
    const see = (block: Buffer) => (/^(?:S|M) .* 5$/m.test(block.toString('latin1')) ? [path] : []);
    vi.spyOn(CgroupPaths.prototype, 'see').mockImplementation(see);
    const { capture, ready, text } = capturing(attached('echo M 0 1 fffffffffffffff 1 5'), [
      [snapshot('echo S 0 0 5 1 5')],
    ]);
    expect(await ready()).toBe(true);
    const told = String.raw`\{"cgroup":\{"id":5,"path":"/box"\}\}\n`;
    expect(text()).toMatch(new RegExp(`^header\n${told}(?:R .*\n)*S 0 0 5 1 5\n`));
    await expect
      .poll(text, { timeout: 15_000 })
      .toMatch(new RegExp(`"mark.*\n(?:R .*\n)*${told}(?:R .*\n)*M 0 1 f`));
    await capture.stop();
  });

  test('gives out nothing when its program cannot be attached', async () => {
    const { capture, ready, text } = capturing('echo "ERROR: no such probe" >&2; exit 1');
    expect(await ready()).toBe(false);
    expect(await capture.ended).toMatchObject({
      asked: false,
      status: 1,
      lastWords: ['ERROR: no such probe'],
    });
    expect(text()).toBe('');
  });

  test('says that what was there is not known when a snapshot fails, and keeps what it told', async () => {
    const failing = snapshot('echo S 0 0 5 1; echo Killed >&2; exit 3');
    const { capture, ready, told, text } = capturing(attached(), [[failing]]);
    expect(await ready()).toBe(true);
    expect(told()).toMatchObject([
      { event: 'snapshot_vma', kind: null, reason: expect.stringContaining('Killed') },
    ]);
    expect(text()).toContain('\nS 0 0 5 1\n');
    await capture.stop();
  });

  test('says that page tables are not read when the kernel refuses the program, and does without', async () => {
    vi.unstubAllEnvs();
    const refused: Attachment = { kind: 'iter', module: 'vmlinux', place: 'exit 1; iter:task_vma', body: '' };
    const { capture, ready, told, text } = capturing(attached(), [], [refused]);
    expect(await ready()).toBe(true);
    expect(told()).toMatchObject([
      { event: 'audit', kind: null, reason: expect.stringContaining('not loaded') },
    ]);
    await capture.audit();
    await capture.stop();
    expect(text()).not.toContain('AF ');
  });

  test('reads /proc when an iterator is refused', async () => {
    vi.unstubAllEnvs();
    const watching = snapshot(attached('echo S 0 0 5 1'));
    const reading = { ...watching, way: { ...watching.way, reading: 'maps' as const } };
    const { way, ...rest } = snapshot('exit 1');
    const place = 'echo "ERROR: no" >&2; exit 1; iter:task_vma';
    const refused = { ...rest, way: { ...way, attachment: { ...way.attachment, place } } };
    const { capture, ready, told, text } = capturing(attached(), [[refused, reading]]);
    expect(await ready()).toBe(true);
    expect(told()).toMatchObject([{ event: 'snapshot_vma', kind: 'iter' }]);
    expect(text()).toContain('\nS 0 0 5 1\n');
    await capture.stop();
  });

  test('takes the next way when the first does not work', async () => {
    const { capture, ready, told } = capturing(attached(), [
      [snapshot('exit 3'), snapshot('echo S 0 0 5 1')],
    ]);
    expect(await ready()).toBe(true);
    expect(told()).toMatchObject([{ event: 'snapshot_vma', kind: 'iter' }]);
    await capture.stop();
  });

  describe('looks closer at what stands still', () => {
    const suspects = { pid: process.pid, tid: process.pid, pids: [], holders: true };
    const listing = (program: string): SnapshotProgram => {
      const { way, ...rest } = snapshot(program);
      return { ...rest, way: { ...way, attachment: { ...way.attachment, place: 'iter:task_file' } } };
    };
    /** The first run is the snapshot. */
    const second = (program: string): string =>
      `[ -e ${fake.folder}/once ] || exec touch ${fake.folder}/once; ${program}`;
    afterEach(() => rmSync(join(fake.folder, 'once')));

    test('and tells who holds ufiles', async () => {
      const { capture, ready, text } = capturing(attached(), [
        [listing(second('echo SF 0 0 5 7fffffff 1 61 0 ff01 3'))],
      ]);
      expect(await ready()).toBe(true);
      await capture.look(suspects);
      expect(text()).toContain('\nSF 0 0 5 7fffffff 1 61 0 ff01 3\n');
      await capture.stop();
    });

    test('and says so when that is not known', async () => {
      const { capture, ready, text } = capturing(attached(), [[listing(second('echo no >&2; exit 1'))]]);
      expect(await ready()).toBe(true);
      await capture.look(suspects);
      expect(text()).toContain('"note":{"text":"who holds ufiles open could not be listed: no"}');
      await capture.stop();
    });
  });

  test('holds no more than it can before it is ready, and says so', async () => {
    const much = 'head -c 3000000 /dev/zero | tr "\\0" x | fold -w 100 | sed "s/^/ZZ 0 1 2 /"';
    const slow = snapshot(`until [ -e ${fake.folder}/enough ]; do sleep 0.05; done`);
    const program = attached(`i=$((i + 1)); [ $i -le 15 ] && ${much} || touch ${fake.folder}/enough`);
    const { capture, ready, text } = capturing(program, [[slow]]);
    expect(await ready()).toBe(true);
    await capture.stop();
    expect(text().length).toBeLessThan(40 << 20);
    expect(text()).toMatch(
      /"note":\{"text":"\d+ bytes that came before everything was attached were dropped"/,
    );
  });
});
