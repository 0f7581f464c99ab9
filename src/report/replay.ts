/** From the lines of a recording, or of a running trace, to a view: put in order, applied, counted, told. */

import type { EventLine } from '../event/codec.ts';
import { Origin } from '../event/event.ts';
import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import type { RecordingItem } from '../recording/item.ts';
import type { Cgroups } from '../timeline/cgroups.ts';
import type { Change, Gap } from '../timeline/model.ts';
import { Reorder } from '../timeline/reorder.ts';
import { Sequence } from '../timeline/sequence.ts';
import { Timeline } from '../timeline/timeline.ts';
import { Tally } from './tally.ts';
import type { View } from './view.ts';

/** How much later than a newer one an event of another CPU may be written, in ns. */
export const WINDOW_NS = 1e9;

export interface ReplayOptions {
  /** ns that an event may come after a newer one and still be put in order. */
  readonly windowNs?: number;
  /** ns since the start: later events are read and counted, but not applied. */
  readonly stopAt?: number;
  /** Cgroups that are known: of an earlier reading of the same recording. */
  readonly cgroups?: Cgroups;
}

export class Replay {
  /** What is known so far; whole after {@link Replay.finish}. */
  readonly tally = new Tally();
  readonly timeline: Timeline;
  readonly #view: View;
  readonly #stopAt: number;
  readonly #reorder: Reorder<EventLine>;
  readonly #sequence = new Sequence();
  /** Lines whose turn has come; empty between calls. */
  readonly #ready: EventLine[] = [];
  readonly #totals = new Map<number, number>();
  /** Gaps that waiting events showed, told with them. */
  readonly #gaps = new Map<EventLine, Gap>();
  #origin = new Origin(0n);
  /** ns since the start: events before were told by some of the probes only, and what they did was looked at later. */
  #attached = Number.NEGATIVE_INFINITY;
  /** ns since the start: the kernel's events after that were told by some of the probes only, which were being detached. */
  #asked = Number.POSITIVE_INFINITY;

  constructor(view: View, options: ReplayOptions = {}) {
    this.#view = view;
    this.timeline = new Timeline(options.cgroups === undefined ? {} : { cgroups: options.cgroups });
    this.#stopAt = options.stopAt ?? Number.POSITIVE_INFINITY;
    this.#reorder = new Reorder(options.windowNs ?? WINDOW_NS);
  }

  /** ns that an event may come after a newer one and still be put in order. */
  get windowNs(): number {
    return this.#reorder.windowNs;
  }

  set windowNs(ns: number) {
    this.#reorder.windowNs = ns;
  }

  /** Takes the next lines, and tells the view of what can now be put in order. */
  feed(items: readonly RecordingItem[]): void {
    for (const item of items) {
      this.tally.item(item);
      if (item.kind === 'event') {
        this.#arrive(item);
        continue;
      }
      this.#applyReady();
      this.#other(item);
    }
    this.#applyReady();
  }

  /** Tells the view what has waited long enough, in a trace where nothing new comes. `boot`: now, ns since boot. */
  tick(boot: bigint): void {
    this.#apply(this.#reorder.release(Number(boot - this.#origin.boot) - this.windowNs));
  }

  /** Tells the view all that is left, and the end. */
  finish(): Tally {
    this.#apply(this.#reorder.flush());
    this.tally.late = this.#reorder.late;
    const gaps = this.#sequence
      .finish(this.#totals)
      .map((gap): Change => ({ what: 'gap', event: null, gap }));
    this.#tell(null, [...this.timeline.finish(), ...gaps]);
    this.#view.end(this.tally, this.timeline);
    return this.tally;
  }

  #other(item: Exclude<RecordingItem, { kind: 'event' }>): void {
    if (item.kind === 'header') this.#begin(item.header);
    if (item.kind === 'cgroup') this.timeline.nameCgroup(item.id, item.path);
    if (item.kind === 'mark' && this.tally.asked !== null)
      this.#asked = Number(this.tally.asked - this.#origin.boot);
    if (item.kind === 'total') this.#totals.set(item.cpu, item.count);
    if (item.kind === 'note') this.#view.trouble({ what: 'note', text: item.text });
    if (item.kind === 'lost') {
      const ns = item.boot === null ? null : Number(item.boot - this.#origin.boot);
      this.#view.trouble({ what: 'lost', ns, count: item.count });
    }
  }

  #begin(header: Header): void {
    this.#origin = new Origin(header.origin);
    if (header.attached !== undefined) this.#attached = Number(header.attached - header.origin);
    this.#view.begin(header);
  }

  #arrive(line: EventLine): void {
    const gap = this.#sequence.see(line);
    if (gap !== null) this.#gaps.set(line, gap);
    this.#reorder.push(line, this.#ready);
  }

  #applyReady(): void {
    this.#apply(this.#ready);
    this.#ready.length = 0;
  }

  #apply(lines: readonly EventLine[]): void {
    for (const line of lines) {
      const { ns } = line;
      this.tally.moment(ns);
      if (this.#gaps.size > 0) this.#tellGap(line);
      const part = this.#partOf(line);
      if (part !== null) this.tally.unapplied[part]++;
      const event = part === null && ns <= this.#stopAt ? line.event : null;
      line.free();
      if (event === null) continue;
      if (event.what === 'return_missed') {
        const begun = ns - event.ago;
        if (begun < this.#attached) {
          this.tally.unapplied.before++;
          continue;
        }
        this.tally.returnMissed(event.function);
      }
      this.#tell(event, this.timeline.apply(event));
    }
  }

  /** The part of the trace, at either end, in which some of the probes only told what happened; null: all of them did. */
  #partOf({ ns, seq }: EventLine): 'before' | 'after' | null {
    if (ns < this.#attached) return 'before';
    return ns > this.#asked && seq !== 0 ? 'after' : null;
  }

  #tellGap(line: EventLine): void {
    const gap = this.#gaps.get(line);
    if (gap === undefined) return;
    this.#gaps.delete(line);
    this.#tell(null, [{ what: 'gap', event: line.event, gap }]);
  }

  #tell(event: UmapEvent | null, changes: readonly Change[]): void {
    for (const change of changes) this.tally.change(change);
    if (event !== null || changes.length > 0) this.#view.event(event, changes);
  }
}
