/**
 * `umaptrace trace -o FILE` as it runs once everything is attached, of a bpftrace that replay.js stands for.
 *
 * Usage: live-child.ts RECORDING RATE SECONDS FILE REPORT; its standard output is a terminal
 */
import { createReadStream, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Capture } from '../src/capture/capture.ts';
import { ModuleWatch } from '../src/capture/modules.ts';
import { Ends } from '../src/cli/ends.ts';
import { Trace, type TraceRequest } from '../src/cli/run-trace.ts';
import { liveSink } from '../src/cli/terminal.ts';
import { openRecording } from '../src/recording/write.ts';
import { fakeBpftrace } from '../test/capture/fake.ts';

const REPLAY = fileURLToPath(new URL('replay.js', import.meta.url));
const TICK_MS = 100;
/** The replay waits before its first event; what it told last has to come through. */
const LEAD_MS = 4000;

const [, , recorded = '', rate = '', seconds = '', output = '', report = ''] = process.argv;

async function firstLine(path: string): Promise<string> {
  for await (const line of createInterface(createReadStream(path))) return line;
  throw new Error(`${path} is empty`);
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
const replay = [process.execPath, REPLAY, recorded, rate, seconds, `${report}.replay`].map(quoted).join(' ');
const header = await firstLine(recorded);
const context = { stdout: process.stdout, stderr: process.stderr, env: process.env, status: 0 };
const ends = new Ends(context);
const request: TraceRequest = {
  ...{ command: [], quiet: false, rotate: false, audit: false, pin: true },
  sync: 'second',
  output,
};
const recording = await openRecording(output, { force: true, owner: null });
const trace = new Trace(context, request, { recording, ends, shown: await liveSink(process.stdout) });
const fake = fakeBpftrace();
const capture = new Capture({
  bpftrace: fake.bpftrace,
  program: {
    text: `exec ${replay}`,
    readiness: [],
    env: {},
    shared: true,
    snapshots: [],
    audits: [],
    iteratorEnv: {},
  },
  sink: trace.take,
  attachments: [],
  watch: new ModuleWatch([]),
  again: () => {
    throw new Error('no module comes in a replay');
  },
});
await capture.ready(ends.signal, ({ boot, wall }) => {
  const [origin, anchor] = [String(boot), { boot: String(boot), wall: String(wall) }];
  return header.replace(/\}$/, `,${JSON.stringify({ origin, anchor }).slice(1)}`);
});
trace.begin(capture);
const ticking = setInterval(() => trace.tick(), TICK_MS);
await sleep(Number(seconds) * 1000 + LEAD_MS);
clearInterval(ticking);
const ending = await capture.stop();
await trace.finish(capture, ending);
ends.dispose();
fake.remove();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
writeFileSync(report, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }));
