/** A running trace as it is shown: bytes of its recording in, timeline and summary out. */
import type { Header } from '../recording/format.ts';
import { RecordingReader } from '../recording/read.ts';
import type { Change } from '../timeline/model.ts';
import { FORMATS, type FormatName, type FormatOptions } from './formats.ts';
import { Replay } from './replay.ts';
import { summaryText } from './summary.ts';
import type { Tally } from './tally.ts';
import type { View } from './view.ts';

/** How much later than a newer one an event of another CPU may come, in ns: bpftrace visits its buffers in turn. */
export const LIVE_WINDOW_NS = 300e6;

/** A view that also shows the changes to a watcher. */
function watched(view: View, watch: (change: Change) => void): View {
  return {
    begin: (header) => view.begin(header),
    event: (event, changes) => {
      for (const change of changes) watch(change);
      view.event(event, changes);
    },
    trouble: (trouble) => view.trouble(trouble),
    end: (tally, timeline) => view.end(tally, timeline),
  };
}

const SILENT: View = { begin() {}, event() {}, trouble() {}, end() {} };

export interface LiveOptions extends FormatOptions {
  /** null: only the summary. */
  readonly format: FormatName | null;
  /** ns that an event is waited for, so that those of other CPUs can be put before it. */
  readonly windowNs?: number;
  /** Is shown every change, whatever is selected. */
  readonly watch?: (change: Change) => void;
}

export class Live {
  readonly #options: LiveOptions;
  readonly #reader = new RecordingReader();
  readonly #replay: Replay;

  constructor(options: LiveOptions) {
    const { format, windowNs = LIVE_WINDOW_NS } = options;
    this.#options = options;
    const view = format === null ? SILENT : FORMATS[format].view(options);
    this.#replay = new Replay(options.watch === undefined ? view : watched(view, options.watch), {
      windowNs,
    });
  }

  /** The recording's header; null until it came. */
  get header(): Header | null {
    return this.#reader.header;
  }

  /** Takes the next bytes of the recording, the header first. */
  push(bytes: Buffer): void {
    this.#replay.feed(this.#reader.push(bytes));
  }

  /** To be called a few times a second: shows what has waited long enough. `boot`: now, ns since boot. */
  tick(boot: bigint): void {
    this.#replay.tick(boot);
  }

  /** Shows what is left, then the summary. To be called after the footer was pushed, if one is written. */
  finish(): Tally {
    this.#replay.feed(this.#reader.end());
    const tally = this.#replay.finish();
    const { format, summary, paint, width } = this.#options;
    if (format !== 'text') summary(summaryText(tally, { paint, width }));
    return tally;
  }
}
