/** A running trace as it is shown: bytes of its recording in, timeline and summary out. */
import { type Header, inOrder } from '../recording/format.ts';
import type { RecordingItem } from '../recording/item.ts';
import { RecordingReader } from '../recording/read.ts';
import { Lag } from '../timeline/lag.ts';
import type { Change } from '../timeline/model.ts';
import { jsonText } from './escape.ts';
import type { FormatOptions } from './formats.ts';
import { JsonlView } from './jsonl.ts';
import { Replay } from './replay.ts';
import { summaryText } from './summary.ts';
import type { Tally } from './tally.ts';
import { TextView } from './text.ts';
import { counted } from './values.ts';
import { Valve } from './valve.ts';
import type { View } from './view.ts';
import { Watch, type WatchOptions } from './watch.ts';

/** How much later than a newer one an event of another CPU may come, in ns, when bpftrace is not behind. */
export const LIVE_WINDOW_NS = 300e6;
/** How many times as long as bpftrace is behind events wait, where it visits the buffers of the CPUs in turn. */
const MARGIN = 2;

/** A view that also shows the changes to watchers, and says when it is about to end. */
function watched(view: View, watchers: readonly ((change: Change) => void)[], ends: () => void): View {
  return {
    begin: (header) => view.begin(header),
    event: (event, changes) => {
      for (const watch of watchers) for (const change of changes) watch(change);
      view.event(event, changes);
    },
    trouble: (trouble) => view.trouble(trouble),
    end: (tally, timeline) => {
      ends();
      view.end(tally, timeline);
    },
  };
}

/** Beyond this the view is behind what happens: it catches up before it shows more. */
const LATE_NS = 2e9;

const SILENT: View = { begin() {}, event() {}, trouble() {}, end() {} };

/** Of the forms of a report those that grow while they are looked at. */
const VIEWS = {
  text: (options: FormatOptions): View => new TextView(options),
  jsonl: (options: FormatOptions): View => new JsonlView(options),
} as const;

export interface LiveOptions extends FormatOptions {
  /** null: only the summary. */
  readonly format: keyof typeof VIEWS | null;
  /** Is shown every change, whatever is selected. */
  readonly watch?: (change: Change) => void;
  /** Where to warn, and how to look closer, when a removal or a reset stands still. */
  readonly standstill?: WatchOptions;
  /** Whether enough of what `sink` was given has gone; while it has not, lines are counted instead. */
  readonly hasRoom?: () => boolean;
}

/** What is shown in place of lines. */
function unshownText(count: number, { format, paint }: LiveOptions): string {
  if (format === 'jsonl') return `${jsonText({ schema: 'umaptrace/unshown/1', count })}\n`;
  const text = `… ${counted(count, 'line')} not shown: there were more events than can be shown; -o records all`;
  return `${paint('doubt', text)}\n`;
}

export class Live {
  readonly #options: LiveOptions;
  readonly #reader = new RecordingReader();
  readonly #replay: Replay;
  readonly #watch: Watch | null;
  readonly #valve: Valve;
  readonly #lag = new Lag();
  /** Time of the newest event that the kernel told, ns since the start; and of the tick before it was pushed. */
  #newest = Number.NEGATIVE_INFINITY;
  #heard = Number.NEGATIVE_INFINITY;
  /** As of the last tick, ns since the start; what was told before `until` was pushed. */
  #now = 0;
  #until = 0;
  /** When the header had come: what happened before, while the trace began, is not late yet. null: it has not. */
  #began: number | null = null;

  constructor(options: LiveOptions) {
    const { format, watch, standstill } = options;
    this.#options = options;
    this.#watch = standstill === undefined ? null : new Watch(standstill);
    this.#valve = new Valve({
      sink: options.sink,
      hasRoom: options.hasRoom ?? (() => true),
      isLate: (ns) => this.#now - Math.max(ns, this.#began ?? this.#now) > LATE_NS + this.#extraNs,
      unshown: (count) => unshownText(count, options),
    });
    const { line, skips } = this.#valve;
    const view = format === null ? SILENT : VIEWS[format]({ ...options, line, skips });
    const watchers = [watch, this.#watch?.see].filter((each) => each !== undefined);
    this.#replay = new Replay(
      watched(view, watchers, () => this.#valve.open()),
      { windowNs: LIVE_WINDOW_NS },
    );
  }

  /** The recording's header; null until it came. */
  get header(): Header | null {
    return this.#reader.header;
  }

  /** Takes the next bytes of the recording, the header first. */
  push(bytes: Buffer): void {
    const items = this.#reader.push(bytes);
    if (this.header !== null) this.#hear(items, inOrder(this.header));
    this.#replay.feed(items);
  }

  /** How much longer than usual events wait for those of other CPUs, ns. */
  get #extraNs(): number {
    return this.#replay.windowNs - LIVE_WINDOW_NS;
  }

  /**
   * To be called a few times a second: shows what has waited long enough.
   * @param until ns since boot: what was told before was pushed
   * @param now ns since boot; later than `until` when what was told since waits to be pushed
   * @returns up to when everything is shown but what is waited for as ever, ns since the start
   */
  tick(until: bigint, now: bigint = until): number {
    const origin = this.header?.origin ?? now;
    this.#until = Number(until - origin);
    this.#now = Number(now - origin);
    if (this.header !== null) this.#began ??= this.#now;
    this.#wait(0);
    const behind = this.header !== null && inOrder(this.header) ? this.#behindNs : 0;
    this.#replay.tick(until - BigInt(behind));
    const ns = this.#until - behind - this.#extraNs;
    if (this.header !== null) this.#watch?.tick(ns, this.#replay.timeline);
    this.#valve.tick();
    return ns;
  }

  /** Where bpftrace reads one CPU's buffer after the other's, events wait for those that it has still to tell of other CPUs. */
  #hear(items: readonly RecordingItem[], isInOrder: boolean): void {
    let oldest = this.#until;
    for (const item of items) {
      if (item.kind !== 'event' || item.seq === 0) continue;
      if (item.ns < oldest) oldest = item.ns;
      if (item.ns <= this.#newest) continue;
      this.#newest = item.ns;
      this.#heard = this.#until;
    }
    if (!isInOrder) this.#wait(this.#until - oldest);
  }

  /**
   * How far bpftrace, which tells of all CPUs in one order, is behind, ns: while it goes on telling, what is a little older than its
   * newest line may still come. When it has told nothing for as long as events wait, it is not behind.
   */
  get #behindNs(): number {
    const isTelling = this.#until - this.#heard <= LIVE_WINDOW_NS;
    return isTelling ? Math.max(0, this.#until - this.#newest) : 0;
  }

  #wait(lag: number): void {
    this.#lag.see(lag, this.#until);
    this.#replay.windowNs = Math.max(LIVE_WINDOW_NS, MARGIN * this.#lag.most);
  }

  /** Shows what is left, then the summary. To be called after the footer was pushed, if one is written. */
  finish(): Tally {
    this.#replay.feed(this.#reader.end());
    const tally = this.#replay.finish();
    this.#valve.open();
    const { format, summary, paint, width } = this.#options;
    if (format !== 'text') summary(summaryText(tally, { paint, width }));
    return tally;
  }
}
