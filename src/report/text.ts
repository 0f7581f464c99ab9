/** The timeline as text, as it grows: the live view and the text report. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import { relativeTime } from '../time-text.ts';
import type { Change, Mm } from '../timeline/model.ts';
import { Clock } from './clock.ts';
import type { Judgement } from './collect.ts';
import { cgroupParts, Describer } from './describe.ts';
import { escapeText } from './escape.ts';
import { judgementText } from './judgement-text.ts';
import { type Line, type LineStyle, type Part, renderLine } from './line.ts';
import { LineQueue } from './line-queue.ts';
import type { Paint } from './paint.ts';
import type { Selection } from './select.ts';
import { summaryText } from './summary.ts';
import type { Tally } from './tally.ts';
import { counted } from './values.ts';
import type { LineSink } from './valve.ts';
import type { Sink, Trouble, View } from './view.ts';

export interface TextOptions {
  readonly sink: Sink;
  /** Where the summary goes: the live view keeps it off the timeline. */
  readonly summary: Sink;
  readonly paint: Paint;
  readonly selection: Selection;
  /** Columns; lines are folded below it. */
  readonly width: number;
  /** Wall-clock times of day instead of times from the start. */
  readonly absolute: boolean;
  /** Long lists are not cut. */
  readonly all?: boolean;
  /** Where lines of the timeline go; to `sink` if not given. */
  readonly line?: LineSink;
  /** Whether what happened at `ns` since the start gets no line; it is asked before one is made. Never, if not given. */
  readonly skips?: (ns: number) => boolean;
  /** What the rules say, asked for at the end. */
  readonly judge?: () => Judgement;
}

function headerText(header: Header, clock: Clock, paint: Paint): string {
  const facts = [header.hostname, header.kernel, header.arch, clock.dayAndTime(0) ?? ''];
  const known = facts.filter((fact) => fact !== '').map(escapeText);
  return `${paint('title', 'umaptrace')} ${paint('dim', known.join(' · '))}\n`;
}

export class TextView implements View {
  readonly #options: TextOptions;
  readonly #describer: Describer;
  readonly #line: LineSink;
  readonly #queue: LineQueue<Line>;
  #style: LineStyle;
  #latest = 0;
  #empty = true;

  constructor(options: TextOptions) {
    this.#options = options;
    this.#style = { paint: options.paint, width: options.width, time: relativeTime, timeWidth: 11 };
    this.#line = options.line ?? ((_ns, render) => options.sink(render()));
    const { showsCgroups } = options.selection;
    this.#describer = new Describer(showsCgroups);
    const told = (child: Mm): Part[] => (showsCgroups ? cgroupParts(child.cgroup) : []);
    this.#queue = new LineQueue((line) => this.#write(line), told);
  }

  begin(header: Header): void {
    const { paint, sink, absolute } = this.#options;
    const clock = new Clock(header);
    if (absolute) {
      const time = (ns: number): string => clock.timeOfDay(ns) ?? relativeTime(ns);
      this.#style = { ...this.#style, time, timeWidth: 15 };
    }
    sink(headerText(header, clock, paint));
  }

  event(event: UmapEvent | null, changes: readonly Change[]): void {
    this.#latest = event?.ns ?? this.#latest;
    for (const change of changes) this.#change(change);
  }

  trouble(trouble: Trouble): void {
    if (trouble.what === 'note') return;
    const text = `bpftrace lost ${counted(trouble.count, 'event')} about here`;
    this.#queue.put({
      ns: trouble.ns ?? this.#latest,
      who: '',
      rail: ' ',
      name: '…',
      parts: [['doubt', text]],
    });
  }

  end(tally: Tally): void {
    this.#queue.flush(true);
    const { sink, summary, paint, width, selection, judge, all = false } = this.#options;
    if (selection.foundNothing || (this.#empty && selection.partial)) sink('nothing of what is asked for\n');
    const whole = selection.partial ? ' (of the whole recording)' : '';
    summary(`\n${summaryText(tally, { paint, width, title: `Summary${whole}` })}`);
    if (judge !== undefined)
      summary(`\n${judgementText(judge(), { paint, width, partial: selection.partial, all })}`);
  }

  #write(line: Line): void {
    this.#empty = false;
    this.#line(line.ns, () => renderLine(line, this.#style));
  }

  #put(lines: readonly Line[]): void {
    for (const line of lines) this.#queue.put(line);
  }

  /** Every change goes through the selection, wanted or not, and most through the describer: both keep track. */
  #change(change: Change): void {
    const { selection, skips } = this.#options;
    const wanted = selection.wants(change);
    const ofRunningFork = change.what === 'vma-born' && change.vma.mm.pid === null;
    if (!this.#describer.follows(change)) {
      if (!selection.within(change)) return;
      if (wanted && !ofRunningFork && skips?.(this.#latest) === true) return;
    }
    const lines = this.#describer.lines(change);
    if (ofRunningFork) {
      const { mm } = change.vma;
      for (const line of lines) this.#queue.putBirth(line, mm, () => wanted || selection.wants(change));
    } else if (change.what === 'forked') {
      const waited = this.#queue.told(change.mm);
      if (wanted && !waited) this.#put(lines);
    } else if (wanted) {
      this.#put(lines);
    }
  }
}
