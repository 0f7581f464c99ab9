/** Runs the chaos workload under a trace and holds every quiet moment against the timeline. */
import * as v from 'valibot';
import type { Lab } from '../../lab/boot.ts';
import { recordingBytes } from '../../src/recording/file.ts';
import type { RecordingItem } from '../../src/recording/item.ts';
import { readRecording } from '../../src/recording/read.ts';
import { Replay } from '../../src/report/replay.ts';
import type { View } from '../../src/report/view.ts';
import { mapped } from '../../src/timeline/at.ts';
import { record, type Traced } from './traced.ts';
import { compareMoment, type MappedRange } from './truth.ts';

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
}

async function itemsOf(recording: string): Promise<RecordingItem[]> {
  const items: RecordingItem[] = [];
  for await (const batch of readRecording(recordingBytes(recording))) items.push(...batch);
  return items;
}

/** What `report --at` tells for a moment, ns since boot. */
function liveAt(items: readonly RecordingItem[], ns: bigint): { live: MappedRange[]; replay: Replay } {
  const [first] = items;
  const origin = first?.kind === 'header' ? first.header.origin : 0n;
  const replay = new Replay(NO_VIEW, { stopAt: Number(ns - origin) });
  replay.feed(items);
  replay.finish();
  return { live: mapped(replay.timeline), replay };
}

/** Holds every quiet moment of a traced chaos against its recording. @param since ns: earlier moments are not compared */
export async function compareChaos(seed: number, traced: Traced, since = 0n): Promise<ChaosRun> {
  const items = await itemsOf(traced.recording);
  let compared = 0;
  let moments = 0;
  let difference: string | null = null;
  for (const moment of traced.truth.maps.filter(({ ns }) => ns >= since)) {
    const found = compareMoment(moment, liveAt(items, moment.ns).live);
    compared += found.compared;
    moments++;
    if (found.missing.length + found.surplus.length > 0) {
      difference ??= `at ${moment.ns}: missing ${found.missing.join(', ') || '-'}; surplus ${found.surplus.join(', ') || '-'}`;
    }
  }
  const { tally } = liveAt(items, 1n << 62n).replay;
  const counts = traced.truth.other.find((line) => v.is(countsLine, line));
  return {
    ...{ seed, traced, compared, moments, difference, lost: tally.lost, mismatches: tally.mismatches },
    counts: counts && v.parse(countsLine, counts),
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

/** One line about a run. */
export const describeRun = ({ seed, counts, moments, compared, difference, lost, mismatches }: ChaosRun): string =>
  `seed ${seed}: ${counts?.operations ?? '?'} operations, ${moments} moments, ${compared} mappings compared, ` +
  `${lost} lost, ${mismatches} mismatches: ${difference === null ? 'equal' : `DIFFERENT ${difference}`}`;
