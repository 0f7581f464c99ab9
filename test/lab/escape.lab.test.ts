/** What stock kernels let escape, convicted by its page table entries; what they revoke, cleared by them. */
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { showProgress } from '../../lab/progress.ts';
import { timelineSchema } from '../../src/report/schema.ts';
import { kernels } from './kernels.ts';
import { check, record, report, type Traced } from './traced.ts';

/** The default kernel, and the newest when all are tested. */
const tested = [...new Set([kernels[0], kernels.at(-1)])].flatMap((kernel) => kernel ?? []);

/** Long enough for the audit, in an emulated guest on a busy machine. */
const HOLD = ['--hold', '6'];

const escapeSchema = v.object({
  pid: v.number(),
  escaped: v.boolean(),
  wrote: v.boolean(),
  value: v.pipe(v.string(), v.transform(Number)),
  device_at: v.pipe(v.string(), v.transform(Number)),
});
const findingsSchema = v.object({
  verdict: v.string(),
  findings: v.array(
    v.object({ rule: v.string(), severity: v.string(), message: v.string(), vma: v.nullable(v.string()) }),
  ),
});

const escapesOf = ({ truth }: Traced) =>
  truth.other.filter(({ truth: kind }) => kind === 'escape').map((line) => v.parse(escapeSchema, line));

const vmasOf = async (recording: string) =>
  v
    .parse(timelineSchema, JSON.parse(await report(recording, '--format', 'json')))
    .ufiles.flatMap(({ vmas }) => vmas)
    .filter(({ kind }) => kind === 'io');

/** The first page frame of the fixture's device, as PCI tells it. */
async function devicePfn(lab: Lab): Promise<string> {
  const script =
    'for d in /sys/bus/pci/devices/*; do [ "$(cat "$d/device")" = 0x1110 ] && sed -n 3p "$d/resource"; done';
  const { stdout } = await lab.run(['bash', '-c', script]);
  return `0x${(BigInt(stdout.split(' ')[0] ?? '') >> 12n).toString(16)}`;
}

/** Holds that the escapes that a workload met are the ones that were convicted, each with the entry and its frame. */
async function convicted(lab: Lab, traced: Traced, escapes: number): Promise<string[]> {
  const met = escapesOf(traced);
  expect(met.filter(({ escaped, wrote }) => escaped && wrote)).toHaveLength(escapes);
  const memory = await readFile(lab.deviceMemory);
  for (const { device_at, value } of met) expect(memory.readUInt32LE(device_at)).toBe(value);
  const { status, stdout } = await check(traced.recording, '--format', 'json');
  const { verdict, findings } = v.parse(findingsSchema, JSON.parse(stdout));
  const violations = findings.filter(({ severity }) => severity === 'violation');
  expect([status, verdict], stdout).toEqual([1, 'violation']);
  expect(violations.map(({ rule }) => rule)).toEqual(met.map(() => 'escaped'));
  const pfn = await devicePfn(lab);
  for (const [i, { pid }] of met.entries()) {
    expect(violations[i]?.message).toMatch(
      new RegExp(`^pid ${pid} \\(.*\\) can still reach the device: 2 of 2 pages`),
    );
    expect(violations[i]?.message).toMatch(new RegExp(`\\(entry 0x[0-9a-f]+, pfn ${pfn}[,)]`));
  }
  const vmas = await vmasOf(traced.recording);
  const proven = violations.map(({ vma }) => vmas.find(({ id }) => id === vma));
  for (const vma of proven) expect(vma?.audit).toMatchObject({ pages: 2, device: 2, absent: 0, unknown: 0 });
  return violations.map(({ message }) => message);
}

describe.each(tested)('page tables on %s', (kernel) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab({ kernel, progress: showProgress() });
  });
  afterAll(() => lab?.close());

  const traced = async (name: string, ...options: string[]): Promise<Traced> => {
    expect((await lab.run(['rxe-device', 'restart'])).status).toBe(0);
    return record(lab, name, [name, ...HOLD, ...options]);
  };

  it('race-fork: child and grandchild are convicted, although the child hides behind PROT_NONE', async () => {
    const run = await traced('race-fork', '--grandchild', '--protect-none');
    expect(run.result.status, run.result.stderr).toBe(0);
    const [child = '', grandchild = ''] = await convicted(lab, run, 2);
    expect(child).toContain('hidden by PROT_NONE');
    expect(child).toContain('inside the teardown of D1: rdma_umap_open returned without a umap');
    expect(grandchild).not.toContain('PROT_NONE');
    expect(grandchild).toContain('V3 was made by fork of V2');
    const text = await report(run.recording);
    expect(text).toMatch(/D1 +teardown[\s\S]*V2 +fork of V1[\s\S]*tracked by nobody[\s\S]*D1 +zapping/);
    expect(text).toMatch(/V2 +page tables, .* after[\s\S]*2 of 2 pages map the device\s+entry 0x/);
    expect(text).toMatch(/V1 +page tables, .* after +2 absent/);
  });

  it('race-mremap: a mapping moved in the window is convicted', async () => {
    const run = await traced('race-mremap');
    expect(run.result.status, run.result.stderr).toBe(0);
    const [message = ''] = await convicted(lab, run, 1);
    expect(message).toContain('V2 was made by mremap of V1');
  });

  // 6.12 cannot: fork and reset wait for each other, for ever (blocking.lab.test.ts).
  if (kernel !== '6.12') {
    it('race-fork-reset: a reset lets escape what a removal does', async () => {
      const run = await traced('race-fork-reset');
      expect(run.result.status, run.result.stderr).toBe(0);
      await convicted(lab, run, 1);
    });
  }

  it('unplug: every page of every VMA is the dummy page or absent, and the promise was kept', async () => {
    const run = await traced('unplug');
    expect(run.result.status, run.result.stderr).toBe(0);
    const { status, stdout } = await check(run.recording);
    expect([status, stdout]).toEqual([0, expect.stringContaining('Verdict  pass')]);
    const vmas = await vmasOf(run.recording);
    const found = vmas.map(({ audit }) => [audit?.device, audit?.unknown, audit?.dummy, audit?.absent]);
    expect(found.sort()).toEqual([
      [0, 0, 1, 0],
      [0, 0, 1, 0],
      [0, 0, 3, 1],
      [0, 0, 3, 1],
    ]);
  });
});
