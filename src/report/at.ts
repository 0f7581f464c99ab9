/** What was mapped at one moment. */

import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import { relativeTime } from '../time-text.ts';
import { mapped } from '../timeline/at.ts';
import type { Change, Vma } from '../timeline/model.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { Clock } from './clock.ts';
import { owner } from './names.ts';
import type { Paint } from './paint.ts';
import type { AtJson } from './schema.ts';
import type { Selection } from './select.ts';
import { hex, pages } from './values.ts';
import type { Sink, View } from './view.ts';
import { writeJson } from './write-json.ts';

export interface AtOptions {
  readonly sink: Sink;
  readonly paint: Paint;
  readonly selection: Selection;
  /** The moment, ns since the start. The timeline that {@link AtView.end} is given must have stopped there. */
  readonly ns: number;
  readonly json: boolean;
}

/** The VMAs that were mapped, as JSON. */
function atJson(timeline: Timeline, chosen: ReadonlySet<string>, ns: string): AtJson {
  const vmas = mapped(timeline).filter(({ vma }) => chosen.has(vma));
  return { ns, vmas: vmas.map((vma) => ({ ...vma, start: hex(vma.start), end: hex(vma.end) })) };
}

function row(vma: Vma, paint: Paint): string {
  const { id, ufile, start, end, kind, state } = vma;
  const place = `${hex(start)}-${hex(end)} ${pages(start, end)}p`;
  const names = `${ufile.id.padEnd(3)} ${id.padEnd(4)}`;
  return `${paint('name', names)} ${owner(vma.mm).padEnd(16)} ${place}  ${kind}  ${state}\n`;
}

export class AtView implements View {
  readonly #options: AtOptions;
  #clock: Clock | null = null;

  constructor(options: AtOptions) {
    this.#options = options;
  }

  begin(header: Header): void {
    this.#clock = new Clock(header);
  }

  /** The selection has to see every change. */
  event(_event: UmapEvent | null, changes: readonly Change[]): void {
    for (const change of changes) this.#options.selection.wants(change);
  }

  trouble(): void {}

  end(_tally: unknown, timeline: Timeline): void {
    const { sink, paint, selection, ns, json } = this.#options;
    const chosen = timeline.live().filter((vma) => selection.wantsVma(vma));
    if (json) {
      const document = atJson(timeline, new Set(chosen.map(({ id }) => id)), this.#clock?.boot(ns) ?? '0');
      writeJson(document, 2, sink);
      sink('\n');
      return;
    }
    const when = [relativeTime(ns), this.#clock?.dayAndTime(ns) ?? '']
      .filter((text) => text !== '')
      .join(', ');
    sink(`${paint('title', `Mapped at ${when}`)}\n`);
    for (const vma of chosen) sink(row(vma, paint));
    if (chosen.length === 0) sink('nothing\n');
  }
}
