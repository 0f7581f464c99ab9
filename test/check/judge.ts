/** Events held against the rules, for tests. */
import { Checker } from '../../src/check/checker.ts';
import type { ProbeFact, RecordingFacts } from '../../src/check/facts.ts';
import type { Outcome } from '../../src/check/finding.ts';
import { type AuditEvent, EVENTS, type UmapEvent, type ZapEvent } from '../../src/event/events.gen.ts';
import { Sequence } from '../../src/timeline/sequence.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import type { KernelOrder } from '../timeline/kernel/objects.ts';
import { events as eventsOf } from '../timeline/sketch.ts';

const PROBES: readonly ProbeFact[] = EVENTS.map(({ name, functions }) => ({
  event: name,
  function: functions[0] ?? '',
  attached: true,
  absent: false,
  reason: '',
}));

/** A recording that lacks nothing. */
export const WHOLE: RecordingFacts = {
  probes: PROBES,
  ended: true,
  reasons: [],
  end: null,
  lost: 0,
  tail: 1e9,
  late: 0,
  absent: 0,
  unreadable: 0,
  missed: {},
  unkept: 0,
  uncounted: false,
};

/** All probes, but one that is as given. */
export const withProbe = (given: Partial<ProbeFact> & { readonly event: string }): RecordingFacts => ({
  ...WHOLE,
  probes: PROBES.map((probe) => (probe.event === given.event ? { ...probe, ...given } : probe)),
});

/** Page tables as they were read: of a VMA, by name, how many pages of each kind; the rest is unknown. */
export interface Audit {
  readonly vma: string;
  readonly absent?: number;
  readonly device?: number;
  readonly entry?: string;
}

/** The event of an audit; it comes 12 ms after the last event. */
export function audited(timeline: Timeline, last: UmapEvent, audit: Audit): AuditEvent {
  const vma = timeline.live().find(({ id }) => id === audit.vma);
  if (vma === undefined) throw new Error(`no ${audit.vma} is alive`);
  const { absent = 0, device = 0, entry = '0' } = audit;
  const { pid, tid, comm, cpu } = last;
  return {
    what: 'audit',
    ...{ n: last.n + 1, seq: 0, ns: last.ns + 12e6, cpu, pid, tid, comm },
    ...{
      age: 0,
      vma: vma.pointer,
      mm: vma.mm.pointer,
      ufile: vma.ufile.pointer,
      start: vma.start,
      end: vma.end,
    },
    ...{ proven: 1, absent, special: device, linear: device, plain: 0, same: 0, other: 0 },
    ...{ entry, frame: vma.pfn ?? 0, at: vma.start },
  };
}

export interface Options {
  readonly facts?: RecordingFacts;
  /** What the page tables say at the end. */
  readonly audits?: readonly Audit[];
  readonly order?: KernelOrder;
  /** Changes the events before they are told: a kernel with a bug, or a lossy trace. */
  readonly change?: (events: readonly UmapEvent[]) => readonly UmapEvent[];
}

const last = (events: readonly UmapEvent[]): UmapEvent => {
  const event = events.at(-1);
  if (event === undefined) throw new Error('no events');
  return event;
};

/** What the rules say of events. */
export function judgeEvents(
  all: readonly UmapEvent[],
  { facts = WHOLE, audits = [] }: Options = {},
): Outcome {
  const timeline = new Timeline();
  const checker = new Checker();
  const sequence = new Sequence();
  for (const event of all) {
    const gap = sequence.see(event);
    if (gap !== null) checker.see(null, [{ what: 'gap', event, gap }]);
    checker.see(event, timeline.apply(event));
  }
  for (const audit of audits) {
    const event = audited(timeline, last(all), audit);
    checker.see(event, timeline.apply(event));
  }
  checker.see(null, timeline.finish());
  return checker.finish(facts, timeline);
}

/** What the rules say of a sketch, with 10 ms from event to event. */
export function judge(text: string, options: Options = {}): Outcome {
  const { order = 'new', change = (events) => events } = options;
  const events = eventsOf(text, order).map((event) => ({ ...event, ns: event.ns * 10_000 }));
  return judgeEvents(change(events), options);
}

/** The outcome in short: the verdict, and the findings that are not info, as `rule severity VMA`. */
export function short({ verdict, findings }: Outcome): string {
  const told = findings.filter(({ severity }) => severity !== 'info');
  const each = told.map(({ rule, severity, vma, ufile }) => `${rule} ${severity} ${vma ?? ufile}`);
  return [verdict, ...each].join(' | ');
}

/** Two processes with two VMAs each: V1 and V2 of P1, V3 and V4 of P2. */
export const TWO = 'P1 open U1 | P1 mmap A 4p | P1 mmap B 1p | P1 fork P2 |';

/** The n-th event of a kind, counted from 0. */
export function nth<What extends UmapEvent['what']>(
  events: readonly UmapEvent[],
  what: What,
  n = 0,
): Extract<UmapEvent, { what: What }> {
  const found = events.filter((event): event is Extract<UmapEvent, { what: What }> => event.what === what)[n];
  if (found === undefined) throw new Error(`no ${what}`);
  return found;
}

/** The events with one of them right before another one, on its CPU, 10 ms from event to event. */
export function putBefore(events: readonly UmapEvent[], target: UmapEvent, mover: UmapEvent): UmapEvent[] {
  const rest = events.filter((event) => event !== mover);
  const at = rest.indexOf(target);
  const order = [...rest.slice(0, at), { ...mover, cpu: target.cpu }, ...rest.slice(at)];
  return renumber(order.map((event, i) => ({ ...event, ns: (i + 1) * 1e7 })));
}

/** The first event of a kind comes right before the first of another one. */
export const moved =
  (target: UmapEvent['what'], mover: UmapEvent['what']) =>
  (events: readonly UmapEvent[]): UmapEvent[] =>
    putBefore(events, nth(events, target), nth(events, mover));

/** All from the first of a kind on comes so many ns later. */
export const later =
  (what: UmapEvent['what'], ns: number) =>
  (events: readonly UmapEvent[]): UmapEvent[] => {
    const from = events.findIndex((event) => event.what === what);
    return events.map((event, i) => (from < 0 || i < from ? event : { ...event, ns: event.ns + ns }));
  };

/** Numbers the events of each CPU again, so that none seems lost. */
export function renumber(events: readonly UmapEvent[]): UmapEvent[] {
  const seqs = new Map<number, number>();
  return events.map((event, i) => {
    const seq = (seqs.get(event.cpu) ?? 0) + 1;
    seqs.set(event.cpu, seq);
    return { ...event, n: i + 1, seq };
  });
}

/** Events that the kernel never made: a bug of it, not a loss. */
export const never =
  (bug: (event: UmapEvent, i: number) => boolean) =>
  (events: readonly UmapEvent[]): UmapEvent[] =>
    renumber(events.filter((event, i) => !bug(event, i)));

/** The kernel never zaps VMAs of that mm, counted from the one that is zapped first. */
export const skipsMm =
  (mm: number) =>
  (events: readonly UmapEvent[]): UmapEvent[] => {
    const mms = [...new Set(events.flatMap((event) => (event.what === 'zap' ? [event.mm] : [])))];
    return never((event) => event.what === 'zap' && event.mm === mms[mm])(events);
  };

/** Every zap of the kernel is changed in that way. */
export const changeZap =
  (how: (event: ZapEvent) => Partial<ZapEvent>) =>
  (events: readonly UmapEvent[]): UmapEvent[] =>
    events.map((event) => (event.what === 'zap' ? { ...event, ...how(event) } : event));

/** Events that were lost on the way. */
export const lost =
  (gone: (event: UmapEvent, i: number) => boolean) =>
  (events: readonly UmapEvent[]): UmapEvent[] =>
    events.filter((event, i) => !gone(event, i));
