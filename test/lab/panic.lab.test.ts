/** A kernel that panics while it is recorded: what is on the disk afterwards. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, openLab } from '../../lab/boot.ts';
import { copyFromDisk } from '../../lab/disk.ts';
import { showProgress } from '../../lab/progress.ts';
import { readRecording } from '../../src/recording/read.ts';
import { report } from './traced.ts';

/** What may be missing before the panic, ns. */
const MOST_MISSING_NS = 1_500_000_000n;
/** storm tells its counts so often, ms; so many lines are waited for. */
const EVERY_MS = 50;
const ENOUGH = 150;
/** Between two cycles, us: an emulated tracer falls seconds behind a storm without pauses, and what waits in the kernel is lost (docs/recording.md). */
const PAUSE_US = 1000;

const ns = v.pipe(
  v.string(),
  v.transform((text) => BigInt(text)),
);
const progressLine = v.object({ truth: v.literal('progress'), ns, pid: v.number(), mmaps: v.number() });
type Progress = v.InferOutput<typeof progressLine>;

/** What storm said on the serial console, between the words of the kernel. */
function progressOf(log: string): Progress[] {
  const lines = log.matchAll(/^\{"truth":"progress".*\}\r?$/gm);
  return Array.from(lines, ([line]) => v.parse(progressLine, JSON.parse(line)));
}

let folder: string;
let lab: Lab;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umaptrace-'));
  lab = await openLab({ disk: join(folder, 'disk'), allowOops: true, progress: showProgress() });
});
afterEach(async () => {
  await lab?.close();
  await rm(folder, { recursive: true });
});

/** Lets the kernel panic in the middle of a recorded storm. @returns the serial console, and when it panicked, ns since boot */
async function panicInTheStorm(): Promise<{ console: string; panicked: bigint }> {
  const storm = `exec storm --cycles 100000000 --every ${EVERY_MS} --pause ${PAUSE_US} >/dev/ttyS0`;
  const recorded = lab.start(['umaptrace', 'record', '-o', '/disk/panic.rec', '--', 'sh', '-c', storm]);
  const died = recorded.result.then(({ stderr }) => stderr);
  while (progressOf(await readFile(lab.consoleLog, 'latin1')).length < ENOUGH) {
    const end = await Promise.race([died, sleep(100)]);
    if (end !== undefined) throw new Error(`umaptrace ended before the panic: ${end}`);
  }
  // Through the kernel's log, which a panic still prints; what a process wrote to the console may not come out any more.
  const panic = 'echo "panic at $(cut -d " " -f 1 /proc/uptime)" >/dev/kmsg; echo c >/proc/sysrq-trigger';
  await lab.run(['sh', '-c', panic]);
  const console = await readFile(lab.consoleLog, 'latin1');
  const [, seconds = '', hundredths = ''] = /panic at (\d+)\.(\d\d)\r?$/m.exec(console) ?? [];
  return { console, panicked: BigInt(seconds + hundredths) * 10_000_000n };
}

describe('a panic in the middle of a storm', () => {
  it('leaves a recording that lacks at most the last 1.5 s, and no event before', async () => {
    const { console, panicked } = await panicInTheStorm();
    expect(console).toContain('Kernel panic - not syncing: sysrq triggered crash');
    const recording = join(folder, 'panic.rec');
    await copyFromDisk(join(folder, 'disk'), '/panic.rec', recording);

    const truth = progressOf(console);
    const pid = truth[0]?.pid;
    let origin = 0n;
    const mmaps: bigint[] = [];
    for await (const items of readRecording([await readFile(recording)])) {
      for (const item of items) {
        if (item.kind === 'header') origin = item.header.origin;
        if (item.kind === 'event' && item.event.what === 'mmap_io' && item.event.pid === pid)
          mmaps.push(origin + BigInt(item.event.ns));
      }
    }
    const last = mmaps.at(-1) ?? 0n;
    expect(panicked).toBeGreaterThan(last);
    expect(panicked - last).toBeLessThan(MOST_MISSING_NS);

    const recorded = truth.filter(({ ns }) => ns <= last);
    expect(recorded.length).toBeGreaterThan(ENOUGH / 2);
    const counted = recorded.map(({ ns }) => mmaps.findLastIndex((at) => at <= ns) + 1);
    expect(counted).toEqual(recorded.map(({ mmaps }) => mmaps));

    const text = await report(recording);
    expect(text).toMatch(/not complete +the recording has no end/);
    expect(text).toMatch(/, 0 lost/);
    expect(text).toMatch(/V1 +mmap/);
  });
});
