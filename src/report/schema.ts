/**
 * The JSON that umaptrace gives out, in one definition: its types, and its JSON Schema.
 * Addresses are hex text, times decimal text of ns since boot, durations ns as numbers.
 */
import * as v from 'valibot';
import {
  audit,
  cause,
  cgroup,
  changeSchema,
  disassociationKind,
  disassociationName,
  durationNs,
  gap,
  hexText,
  kind,
  nsText,
  ordinal,
  range,
  state,
  ufileName,
  vmaName,
} from './change-schema.ts';

const isoText = v.pipe(v.string(), v.description('wall-clock time, ISO 8601, UTC, to the nanosecond'));

const head = {
  n: ordinal,
  ns: nsText,
  cpu: v.number(),
  pid: v.number(),
  tid: v.number(),
  comm: v.string(),
};

/** One line of jsonl: an event as the kernel side told it (`what` and its fields), and what it did. */
export const eventSchema = v.looseObject({
  schema: v.literal('umaptrace/event/1'),
  ...head,
  seq: v.number(),
  what: v.string(),
  changes: v.array(
    v.intersect([v.object({ n: v.pipe(ordinal, v.description('the event that it came of')) }), changeSchema]),
  ),
});

const probe = v.object({
  event: v.string(),
  function: v.string(),
  module: v.string(),
  kind: v.string(),
  attached: v.boolean(),
  reason: v.pipe(v.nullable(v.string()), v.description('why it is not attached; null when nothing is said')),
  missed: v.pipe(v.nullable(v.number()), v.description('runs that the kernel skipped; null when not known')),
});

const unreadable = v.object({
  count: v.number(),
  lines: v.pipe(
    v.array(v.object({ line: v.number(), reason: v.string() })),
    v.description('the first of them'),
  ),
});

const wallMoment = v.object({ ns: nsText, wall: v.nullable(isoText) });

const bufferSizes = v.nullable(
  v.pipe(
    v.object({ count: v.number(), bytes: v.number() }),
    v.description(
      "the kernel's buffers that events waited in, and the bytes of each: one that all CPUs shared, or one for each; null: not known",
    ),
  ),
);

const notApplied = v.pipe(
  v.object({ before: v.number(), after: v.number() }),
  v.description(
    'events that some of the probes only told, before all were attached or after the trace was asked to end: they are not on the timeline',
  ),
);

/** What a recording says of itself, and what is known to be missing from it. */
export const recordingSchema = v.object({
  kernel: v.string(),
  arch: v.string(),
  hostname: v.string(),
  bpftrace: v.string(),
  clock: v.string(),
  started: wallMoment,
  ended: v.nullable(wallMoment),
  complete: v.boolean(),
  reasons: v.array(v.string()),
  events: v.number(),
  notApplied,
  lost: v.number(),
  late: v.number(),
  unreadable,
  missed: v.record(v.string(), v.number()),
  notes: v.array(v.string()),
  filters: v.record(v.string(), v.string()),
  buffers: bufferSizes,
  probes: v.array(probe),
});

const moment = v.object({ n: ordinal, ns: nsText, pid: v.number(), tid: v.number(), comm: v.string() });

const vma = v.object({
  id: vmaName,
  mm: hexText,
  pid: v.nullable(v.number()),
  comm: v.string(),
  cgroup,
  kind,
  origin: v.object({ cause, parent: v.nullable(vmaName), ns: nsText }),
  ...range,
  pgoff: v.number(),
  pfn: v.nullable(hexText),
  flags: v.nullable(hexText),
  tracked: v.boolean(),
  history: v.array(v.intersect([v.object(head), changeSchema])),
  audit: v.nullable(v.object({ ns: nsText, ...audit.entries })),
  state,
  ended: v.nullable(moment),
});

const ufile = v.object({
  id: ufileName,
  device: v.nullable(v.string()),
  uverbs: v.nullable(v.string()),
  pointer: hexText,
  opened: v.pipe(v.nullable(moment), v.description('null: open before the trace began')),
  cgroup: v.pipe(cgroup, v.description('of the process that opened it, then')),
  ucontext: v.object({ ended: v.nullable(moment) }),
  closed: v.nullable(moment),
  freed: v.nullable(moment),
  vmas: v.array(vma),
});

const disassociation = v.object({
  id: disassociationName,
  kind: disassociationKind,
  device: v.nullable(v.string()),
  ufile: ufileName,
  pid: v.nullable(v.number()),
  comm: v.nullable(v.string()),
  phases: v.object({
    requested: v.nullable(nsText),
    teardown: v.nullable(nsText),
    zapping: v.nullable(nsText),
    ended: v.nullable(nsText),
  }),
  zaps: v.array(
    v.object({
      n: ordinal,
      ns: nsText,
      vma: vmaName,
      mm: hexText,
      pid: v.nullable(v.number()),
      address: hexText,
      size: v.number(),
      duration: durationNs,
      waited: v.pipe(v.nullable(durationNs), v.description("before its mm's first zap; null for the others")),
    }),
  ),
});

const finding = v.object({
  rule: v.string(),
  severity: v.picklist(['violation', 'warning', 'info']),
  message: v.string(),
  ufile: v.nullable(ufileName),
  vma: v.nullable(vmaName),
  evidence: v.array(ordinal),
});

const missing = v.object({
  rule: v.pipe(v.nullable(v.string()), v.description('null: every rule')),
  what: v.string(),
  how: v.pipe(v.string(), v.description('to have it next time')),
  evidence: v.array(ordinal),
  decides: v.pipe(v.boolean(), v.description('whether the verdict hangs on it')),
});

const verdict = v.picklist(['pass', 'violation', 'inconclusive', 'vacuous']);

/** The whole of `report --format json`. */
export const timelineSchema = v.object({
  schema: v.literal('umaptrace/timeline/1'),
  recording: recordingSchema,
  ufiles: v.array(ufile),
  disassociations: v.array(disassociation),
  gaps: v.array(gap),
  mismatches: v.array(v.object({ n: ordinal, ns: nsText, vma: v.nullable(vmaName), message: v.string() })),
  findings: v.array(finding),
  verdict: v.pipe(v.nullable(verdict), v.description('null: the rules were not applied')),
});

/** `check --format json` */
export const checkSchema = v.object({
  schema: v.literal('umaptrace/check/1'),
  recording: recordingSchema,
  seen: v.object({ tracked: v.number(), disassociations: v.number() }),
  findings: v.array(finding),
  missing: v.array(missing),
  verdict,
});

/** `report --at T --format json` */
export const atSchema = v.object({
  ns: nsText,
  vmas: v.array(
    v.object({ ufile: ufileName, vma: vmaName, pid: v.nullable(v.number()), ...range, kind, state }),
  ),
});

const { kernel, arch, hostname, bpftrace, clock, started, filters, buffers, probes } =
  recordingSchema.entries;

/** First line of jsonl. */
export const beginSchema = v.object({
  schema: v.literal('umaptrace/begin/1'),
  ...{ kernel, arch, hostname, bpftrace, clock, started, filters, buffers, probes },
});

/** A line of jsonl where bpftrace said that it lost events. */
export const lostSchema = v.object({
  schema: v.literal('umaptrace/lost/1'),
  ns: v.nullable(nsText),
  count: v.number(),
});

/** A line of jsonl, of a running trace only, in place of events that its reader was too slow for. Recordings have them. */
export const unshownSchema = v.object({ schema: v.literal('umaptrace/unshown/1'), count: v.number() });

/** A line of jsonl for a change that no event made: a gap, or what the end of the trace settled. */
export const lateChangeSchema = v.intersect([
  v.object({
    schema: v.literal('umaptrace/change/1'),
    n: v.pipe(v.nullable(ordinal), v.description('the event that showed it; null: the end of the trace')),
  }),
  changeSchema,
]);

/** A line of jsonl for each finding of the rules, at the end. */
export const findingSchema = v.object({ schema: v.literal('umaptrace/finding/1'), ...finding.entries });

/** A line of jsonl with what the rules say in all. */
export const verdictSchema = v.object({
  schema: v.literal('umaptrace/verdict/1'),
  verdict,
  missing: v.array(missing),
});

/** Last line of jsonl. */
export const endSchema = v.object({ schema: v.literal('umaptrace/end/1'), ...recordingSchema.entries });

/** Any line of jsonl. */
export const jsonlSchema = v.union([
  eventSchema,
  beginSchema,
  lostSchema,
  unshownSchema,
  lateChangeSchema,
  findingSchema,
  verdictSchema,
  endSchema,
]);

export type RecordingJson = v.InferOutput<typeof recordingSchema>;
export type TimelineJson = v.InferOutput<typeof timelineSchema>;
export type UfileJson = v.InferOutput<typeof ufile>;
export type VmaJson = v.InferOutput<typeof vma>;
export type HistoryJson = VmaJson['history'][number];
export type MomentJson = v.InferOutput<typeof moment>;
export type DisassociationJson = v.InferOutput<typeof disassociation>;
export type ZapJson = DisassociationJson['zaps'][number];
export type FindingJson = v.InferOutput<typeof finding>;
export type MissingJson = v.InferOutput<typeof missing>;
export type CheckJson = v.InferOutput<typeof checkSchema>;
export type Verdict = NonNullable<TimelineJson['verdict']>;
export type AtJson = v.InferOutput<typeof atSchema>;
