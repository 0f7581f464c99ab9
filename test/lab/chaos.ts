/** Runs the chaos workload under a trace, holds every quiet moment against the timeline, and has the rules judge it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Lab } from '../../lab/boot.ts';
import type { Finding, Outcome, Verdict } from '../../src/check/finding.ts';
import { windowOf } from '../../src/cli/window.ts';
import { recordingBytes } from '../../src/recording/file.ts';
import { RecordingReader } from '../../src/recording/read.ts';
import { JudgedView } from '../../src/report/judge.ts';
import { Replay } from '../../src/report/replay.ts';
import type { View } from '../../src/report/view.ts';
import { mapped } from '../../src/timeline/at.ts';
import { record, type Traced } from './traced.ts';
import { compareMoment, type MappedRange, readTruth } from './truth.ts';

const NO_VIEW: View = { begin() {}, event() {}, trouble() {}, end() {} };

const countsLine = v.looseObject({
  truth: v.literal('counts'),
  operations: v.number(),
  quiet_moments: v.number(),
  alive_most: v.number(),
  kinds: v.record(v.string(), v.number()),
});
export type Counts = v.InferOutput<typeof countsLine>;

/** What came of one run. */
export interface ChaosRun {
  readonly seed: number;
  readonly traced: Traced;
  readonly counts: Counts | undefined;
  /** Quiet moments, and lines of the truth, that were compared. */
  readonly moments: number;
  readonly compared: number;
  /** The first difference in words; null when everything was equal. */
  readonly difference: string | null;
  /** Lost events and mismatches that the timeline itself counted. */
  readonly lost: number;
  readonly mismatches: number;
  readonly verdict: Verdict;
  /** Violations that no page table entry proves: on a stock kernel, false alarms. */
  readonly alarms: readonly string[];
  /** Returns of functions that the recording itself says were missed. */
  readonly missedReturns: number;
  /** Runs of programs that the kernel itself says it skipped. */
  readonly skippedRuns: number;
}

async function bytesOf(recording: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of recordingBytes(recording)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A recording, and what is needed to put it in order. */
interface Recorded {
  readonly bytes: Buffer;
  readonly windowNs: number;
}

/** Reads a recording. @returns it, and ns since boot of its begin */
async function read(recording: string): Promise<Recorded & { readonly since: bigint }> {
  const bytes = await bytesOf(recording);
  const reader = new RecordingReader();
  reader.push(bytes);
  if (reader.header === null) throw new Error(`${recording} has no header`);
  return { bytes, windowNs: await windowOf(reader.header, recording), since: reader.header.origin };
}

/** Replays a recording; its items can be taken once only, so each replay reads them again. */
function replayed(bytes: Buffer, replay: Replay): Replay {
  const reader = new RecordingReader();
  replay.feed(reader.push(bytes));
  replay.feed(reader.end());
  replay.finish();
  return replay;
}

/** What `report --at` tells for a moment, ns since the recording's begin. */
const liveAt = ({ bytes, windowNs }: Recorded, ns: number): MappedRange[] =>
  mapped(replayed(bytes, new Replay(NO_VIEW, { windowNs, stopAt: ns })).timeline);

/** What the rules say of a recording. */
function judge({ bytes, windowNs }: Recorded): Outcome {
  const view = new JudgedView(() => NO_VIEW);
  replayed(bytes, new Replay(view, { windowNs }));
  if (view.outcome === null) throw new Error('the rules said nothing');
  return view.outcome;
}

/** Stock kernels have escapes: one is believed when its message names the entry that maps the device. */
const isProven = ({ rule, message }: Finding): boolean => rule === 'escaped' && message.includes('(entry 0x');

/** Violations that nothing proves. */
export const alarmsOf = ({ findings }: Pick<Outcome, 'findings'>): string[] =>
  findings
    .filter((finding) => finding.severity === 'violation' && !isProven(finding))
    .map(({ rule, message }) => `${rule}: ${message}`);

/** Holds every quiet moment since the trace was ready against its recording. */
export async function compareChaos(seed: number, traced: Traced): Promise<ChaosRun> {
  const recorded = await read(traced.recording);
  const { since, bytes, windowNs } = recorded;
  let compared = 0;
  let moments = 0;
  let difference: string | null = null;
  for (const moment of traced.truth.maps.filter(({ ns }) => ns >= since)) {
    const found = compareMoment(moment, liveAt(recorded, Number(moment.ns - since)));
    compared += found.compared;
    moments++;
    if (found.missing.length + found.surplus.length > 0) {
      difference ??= `at ${moment.ns}: missing ${found.missing.join(', ') || '-'}; surplus ${found.surplus.join(', ') || '-'}`;
    }
  }
  let missedReturns = 0;
  const counting: View = {
    ...NO_VIEW,
    event: (event) => {
      if (event?.what === 'return_missed') missedReturns++;
    },
  };
  const { tally } = replayed(bytes, new Replay(counting, { windowNs }));
  const skippedRuns = Object.values(tally.footer?.missed ?? {}).reduce((sum, count) => sum + count, 0);
  const outcome = judge(recorded);
  const counts = traced.truth.other.find((line) => v.is(countsLine, line));
  return {
    ...{ seed, traced, compared, moments, difference, lost: tally.lost, mismatches: tally.mismatches },
    ...{ missedReturns, skippedRuns },
    counts: counts && v.parse(countsLine, counts),
    verdict: outcome.verdict,
    alarms: alarmsOf(outcome),
  };
}

/** One traced run of chaos; the device is put up again afterwards. */
export async function runChaos(lab: Lab, seed: number, operations: number): Promise<ChaosRun> {
  const words = ['chaos', '--seed', `${seed}`, '--ops', `${operations}`, '--unplug'];
  const traced = await record(lab, `chaos-${seed}`, words);
  const restarted = await lab.run(['rxe-device', 'restart']);
  if (restarted.status !== 0) throw new Error(`the device did not come back: ${restarted.stderr}`);
  if (traced.result.status !== 0) throw new Error(`chaos --seed ${seed} failed: ${traced.result.stderr}`);
  return compareChaos(seed, traced);
}

/** The chaos is under way when the tracer comes. $1 seed, $2 operations. */
const LATE = `
rm -f /tmp/late-ready "/share/late-$1.truth"
chaos --seed "$1" --ops "$2" --unplug >"/share/late-$1.truth" &
CHAOS=$!
while [ "$(grep -c '"truth":"maps"' "/share/late-$1.truth")" -lt 4 ]; do kill -0 $CHAOS || exit 98; sleep 0.1; done
umaptrace record --force -o "/share/late-$1.rec" --ready-file /tmp/late-ready &
TRACE=$!
while [ ! -e /tmp/late-ready ]; do kill -0 $TRACE || exit 97; sleep 0.1; done
wait $CHAOS || exit 96
kill -INT $TRACE
wait $TRACE
`;

/** One run of chaos that is traced from its middle on. */
export async function runLateChaos(lab: Lab, seed: number, operations: number): Promise<ChaosRun> {
  await writeFile(join(lab.share, 'late.sh'), LATE);
  const result = await lab.run(['bash', '/share/late.sh', `${seed}`, `${operations}`], {
    timeoutSeconds: 400,
  });
  await lab.run(['rxe-device', 'restart']);
  if (result.status !== 0)
    throw new Error(`late chaos --seed ${seed}: status ${result.status}: ${result.stderr}`);
  const truth = readTruth(await readFile(join(lab.share, `late-${seed}.truth`), 'utf8'));
  return compareChaos(seed, { result, truth, recording: join(lab.share, `late-${seed}.rec`) });
}

/** One line about a run. */
export const describeRun = ({
  seed,
  counts,
  moments,
  compared,
  difference,
  lost,
  mismatches,
  missedReturns,
  skippedRuns,
  verdict,
  alarms,
}: ChaosRun): string =>
  `seed ${seed}: ${counts?.operations ?? '?'} operations, ${moments} moments, ${compared} mappings compared, ` +
  `${lost} lost, ${mismatches} mismatches, ${missedReturns} returns missed, ${skippedRuns} runs skipped: ${difference === null ? 'equal' : `DIFFERENT ${difference}`}; ` +
  `${verdict}${alarms.map((alarm) => `\n  ALARM ${alarm}`).join('')}`;
