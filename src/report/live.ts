/** A running trace as it is shown: bytes of its recording in, timeline and summary out. */
import type { Header } from '../recording/format.ts';
import { RecordingReader } from '../recording/read.ts';
import { FORMATS, type FormatName, type FormatOptions } from './formats.ts';
import { Replay } from './replay.ts';
import { summaryText } from './summary.ts';
import type { Tally } from './tally.ts';
import type { View } from './view.ts';

/** How much later than a newer one an event of another CPU may come, in ns: bpftrace visits its buffers in turn. */
const LIVE_WINDOW_NS = 300e6;

const SILENT: View = { begin() {}, event() {}, trouble() {}, end() {} };

export interface LiveOptions extends FormatOptions {
  /** null: only the summary. */
  readonly format: FormatName | null;
  /** ns that an event is waited for, so that those of other CPUs can be put before it. */
  readonly windowNs?: number;
}

export class Live {
  readonly #options: LiveOptions;
  readonly #reader = new RecordingReader();
  readonly #replay: Replay;

  constructor(options: LiveOptions) {
    const { format, windowNs = LIVE_WINDOW_NS } = options;
    this.#options = options;
    this.#replay = new Replay(format === null ? SILENT : FORMATS[format].view(options), { windowNs });
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
