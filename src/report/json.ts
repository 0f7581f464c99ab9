/** The timeline as one JSON document. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import type { Change } from '../timeline/model.ts';
import { Collector, type Judgement } from './collect.ts';
import type { Selection } from './select.ts';
import type { Tally } from './tally.ts';
import type { Sink, View } from './view.ts';
import { writeJson } from './write-json.ts';

/** Depth of a timeline from which on a value is put on one line. */
const COMPACT = 6;

export interface JsonOptions {
  readonly sink: Sink;
  readonly selection: Selection;
  /** What the rules say, asked for at the end. */
  readonly judge?: () => Judgement;
}

export class JsonView implements View {
  readonly #options: JsonOptions;
  #collector: Collector | null = null;

  constructor(options: JsonOptions) {
    this.#options = options;
  }

  begin(header: Header): void {
    this.#collector = new Collector(header, this.#options.selection);
  }

  event(_event: UmapEvent | null, changes: readonly Change[]): void {
    for (const change of changes) this.#collector?.add(change);
  }

  trouble(): void {}

  end(tally: Tally): void {
    const timeline = this.#collector?.timeline(tally, this.#options.judge?.());
    if (timeline === undefined) return;
    writeJson(timeline, COMPACT, this.#options.sink);
    this.#options.sink('\n');
  }
}
