/**
 * The JSON lines of a recording. All other lines are events (src/event/codec.ts)
 * and what bpftrace itself prints. Times are decimal text of nanoseconds, since boot or
 * since the epoch, read as bigint.
 */
import * as v from 'valibot';

/** The newest recording format that this version reads, and the one it writes. Which has what: docs/recording.md. */
export const RECORDING_FORMAT = 2;

const nanoseconds = v.pipe(
  v.string(),
  v.regex(/^\d{1,19}$/),
  v.transform((digits) => BigInt(digits)),
);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const word = v.optional(v.string(), '');

const anchor = v.object({ boot: nanoseconds, wall: nanoseconds });

const probe = v.object({
  event: v.string(),
  function: word,
  module: word,
  kind: word,
  attached: v.boolean(),
  /** Why it is not attached. */
  reason: v.optional(v.string()),
});

/** What any version of a recording's header says of itself. */
export const anyHeader = v.object({ umaptrace: v.literal('recording'), format: count });

/** The first line: what was traced, where, and how. */
export const header = v.object({
  umaptrace: v.literal('recording'),
  format: v.pipe(count, v.minValue(1), v.maxValue(RECORDING_FORMAT)),
  version: word,
  kernel: word,
  arch: word,
  hostname: word,
  bpftrace: word,
  bootId: word,
  clock: word,
  /** ns since boot that the events' times are counted from in memory. */
  origin: nanoseconds,
  /**
   * ns since boot: all probes were attached by then, and what was there already was looked at afterwards.
   * Events from before were told by some of the probes only.
   */
  attached: v.optional(nanoseconds),
  /** One moment on both clocks. */
  anchor: v.optional(anchor),
  filters: v.optional(v.record(v.string(), v.string()), {}),
  /** The kernel's buffers that events waited in, and the bytes of each; one: all CPUs shared it. */
  buffers: v.optional(v.object({ count, bytes: count })),
  probes: v.optional(v.array(probe), []),
  /** The kernel may have skipped runs of kprobes, and does not count them. */
  uncounted: v.optional(v.literal(true)),
});

/**
 * Written once a second at most: an anchor, and how many event lines came before. `ending`: the trace was asked to end
 * then. Probes are detached one after the other, so what the kernel tells of later was told by some of them only.
 */
export const mark = v.object({
  mark: v.object({
    boot: nanoseconds,
    wall: nanoseconds,
    events: count,
    ending: v.optional(v.literal(true)),
  }),
});

/** bpftrace said that it lost events. */
export const lost = v.object({
  lost: v.object({
    boot: nanoseconds,
    count,
    /** They are returns of calls that a map had no room for: there is no hole in the numbers of events. */
    map: v.optional(v.literal(true)),
  }),
});

/** Something that a reader of the recording should know. */
export const note = v.object({ note: v.object({ text: v.string() }) });

/** Longest path of a cgroup, in characters (PATH_MAX). */
export const LONGEST_PATH = 4096;

/** Where a cgroup (v2) lies that events name by its id: its path below the root of the hierarchy. */
export const cgroup = v.object({
  cgroup: v.object({ id: count, path: v.pipe(v.string(), v.startsWith('/'), v.maxLength(LONGEST_PATH)) }),
});

/** The last line. */
export const footer = v.object({
  end: v.object({
    complete: v.boolean(),
    boot: nanoseconds,
    wall: nanoseconds,
    events: count,
    lost: v.optional(count, 0),
    reasons: v.optional(v.array(v.string()), []),
    /** Program runs that the kernel skipped, by function or kind of program; 0 where it says that there were none. */
    missed: v.optional(v.record(v.string(), count), {}),
  }),
});

export type Header = v.InferOutput<typeof header>;
/** Whether bpftrace told what happened on all CPUs in one order; it did not where each CPU had a buffer, read one after the other. */
export const inOrder = ({ buffers }: Pick<Header, 'buffers'>): boolean =>
  buffers === undefined || buffers.count === 1;

export type HeaderInput = v.InferInput<typeof header>;
export type Anchor = v.InferOutput<typeof anchor>;
export type Mark = v.InferOutput<typeof mark>['mark'];
export type Lost = v.InferOutput<typeof lost>['lost'];
export type Footer = v.InferOutput<typeof footer>['end'];
export type MarkInput = v.InferInput<typeof mark>;
export type LostInput = v.InferInput<typeof lost>;
export type NoteInput = v.InferInput<typeof note>;
export type CgroupInput = v.InferInput<typeof cgroup>;
export type FooterInput = v.InferInput<typeof footer>;

/** The text of a JSON line, newline included. */
export function jsonLine(
  line: HeaderInput | MarkInput | LostInput | NoteInput | CgroupInput | FooterInput,
): string {
  return `${JSON.stringify(line)}\n`;
}
