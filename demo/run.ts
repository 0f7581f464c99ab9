/** npm run demo: boots the lab kernel with rxe, traces the `unplug` workload, writes recording and reports. */
import { access, copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Lab, openLab } from '../lab/boot.ts';
import { LabError } from '../lab/host.ts';
import { showProgress } from '../lab/progress.ts';
import type { LabCommand } from '../lab/session.ts';
import { buildBundle } from '../tools/build.ts';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const UMAPTRACE = path('../bin/umaptrace.cjs');
const RECORDING = path('umaptrace.rec');
const SIGINT = 2;
const LOOK_EVERY_MS = 200;

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Waits until the tracer in the guest has written its ready file. */
async function ready(lab: Lab, tracer: LabCommand): Promise<void> {
  let ended = false;
  void tracer.result.then(() => {
    ended = true;
  });
  const there = () =>
    access(join(lab.share, 'ready')).then(
      () => true,
      () => false,
    );
  while (!(await there())) {
    if (ended) throw new LabError('umaptrace ended before it was ready; its own words are above');
    await sleep(LOOK_EVERY_MS);
  }
}

/** Traces the workload in the guest; the timeline goes to our own standard output as it grows. */
async function trace(lab: Lab): Promise<void> {
  const colour = process.stdout.isTTY ? ['env', 'FORCE_COLOR=1'] : [];
  const words = ['umaptrace', 'trace', '-o', '/share/umaptrace.rec', '--ready-file', '/share/ready'];
  const tracer = lab.start([...colour, ...words], { output: 'inherit' });
  await ready(lab, tracer);
  const workload = await lab.run(['unplug']);
  if (workload.status !== 0) throw new LabError(`the workload failed:\n${workload.stderr}`);
  tracer.kill(SIGINT);
  const { status } = await tracer.result;
  if (status !== 0) throw new LabError(`umaptrace ended with status ${status}`);
}

async function writeReports(): Promise<void> {
  const report = (name: string) =>
    execa(process.execPath, [UMAPTRACE, 'report', RECORDING, '--force', '-o', path(name)], {
      stdio: 'inherit',
    });
  await report('timeline.json');
  await report('report.html');
  await report('timeline.pftrace');
}

async function demo(): Promise<void> {
  const started = performance.now();
  await buildBundle();
  const lab = await openLab({ progress: showProgress() });
  try {
    say(`\n${lab.release} is up, with rxe0 and device memory behind it. A program maps that memory, forks,`);
    say('and then the device is removed under both processes:\n');
    await trace(lab);
    await rm(RECORDING, { force: true });
    await copyFile(join(lab.share, 'umaptrace.rec'), RECORDING);
  } finally {
    await lab.close();
  }
  await writeReports();
  say(`\nThat took ${((performance.now() - started) / 1000).toFixed(0)} s. Look next at:`);
  say('  demo/umaptrace.rec    the recording; node bin/umaptrace.cjs report demo/umaptrace.rec');
  say('  demo/report.html      the same as a web page: open it in a browser');
  say('  demo/timeline.json    as JSON; demo/timeline.pftrace for Perfetto');
  say('  node bin/umaptrace.cjs report demo/umaptrace.rec --vma V7     the life of one VMA');
  say('  npm run lab -- umaptrace trace -- lifecycle                  another workload');
}

await demo().catch((error: unknown) => {
  if (!(error instanceof LabError)) throw error;
  say(error.message);
  process.exitCode = 1;
});
