/** Reads the ground truth that the lab's workloads print, and holds a timeline's live set against it. */
import * as v from 'valibot';

const hex = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-f]+$/),
  v.transform((text) => Number(text)),
);
const ns = v.pipe(
  v.string(),
  v.transform((text) => BigInt(text)),
);
const mapping = v.object({ start: hex, end: hex, pgoff: hex });

/** What was mapped, by process, at a moment when nothing moved. */
export const mapsLine = v.object({
  truth: v.literal('maps'),
  ns,
  pids: v.array(v.object({ pid: v.number(), maps: v.array(mapping) })),
});
const doLine = v.looseObject({
  truth: v.literal('do'),
  ns,
  pid: v.number(),
  what: v.string(),
  ok: v.boolean(),
  child: v.optional(v.number()),
});
const otherLine = v.looseObject({ truth: v.string() });

export type MapsTruth = v.InferOutput<typeof mapsLine>;
export type DoTruth = v.InferOutput<typeof doLine>;

/** Everything that a workload said. */
export interface Truth {
  readonly maps: readonly MapsTruth[];
  readonly did: readonly DoTruth[];
  readonly other: readonly v.InferOutput<typeof otherLine>[];
}

/** The truth lines in a workload's output; lines that are no JSON objects are left out. */
export function readTruth(output: string): Truth {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('{"truth"'))
    .map((line): unknown => JSON.parse(line));
  return {
    maps: lines
      .filter((line) => v.is(v.looseObject({ truth: v.literal('maps') }), line))
      .map((line) => v.parse(mapsLine, line)),
    did: lines
      .filter((line) => v.is(v.looseObject({ truth: v.literal('do') }), line))
      .map((line) => v.parse(doLine, line)),
    other: lines.map((line) => v.parse(otherLine, line)),
  };
}

/** A VMA as `report --at` tells it. */
export interface MappedRange {
  readonly pid: number | null;
  readonly start: number;
  readonly end: number;
}

const line = (pid: number | null, start: number, end: number): string =>
  `${pid} ${start.toString(16)}-${end.toString(16)}`;

/** What differs between a moment's truth and the live set then; `compared` counts the lines of the truth. */
export function compareMoment(
  truth: MapsTruth,
  live: readonly MappedRange[],
): { compared: number; missing: string[]; surplus: string[] } {
  const told = truth.pids.flatMap(({ pid, maps }) => maps.map(({ start, end }) => line(pid, start, end)));
  const had = live.map(({ pid, start, end }) => line(pid, start, end));
  return {
    compared: told.length,
    missing: told.filter((entry) => !had.includes(entry)),
    surplus: had.filter((entry) => !told.includes(entry)),
  };
}
