/** The timeline as JSON lines: one object an event, between a first and a last line about the recording. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import type { Change } from '../timeline/model.ts';
import { changeJson, fieldsJson, headJson } from './change-json.ts';
import { Clock } from './clock.ts';
import { type Judgement, NOT_JUDGED } from './collect.ts';
import { jsonText } from './escape.ts';
import { recordingJson } from './recording-json.ts';
import type { Selection } from './select.ts';
import { Tally } from './tally.ts';
import type { LineSink } from './valve.ts';
import type { Sink, Trouble, View } from './view.ts';

const lineOf = (value: object): string => `${jsonText(value)}\n`;

export interface JsonlOptions {
  readonly sink: Sink;
  readonly selection: Selection;
  /** What the rules say, asked for at the end. */
  readonly judge?: () => Judgement;
  /** Where lines of events go; to `sink` if not given. */
  readonly line?: LineSink;
}

export class JsonlView implements View {
  readonly #sink: Sink;
  readonly #selection: Selection;
  readonly #judge: (() => Judgement) | undefined;
  readonly #eventLine: LineSink;
  #header: Header | null = null;
  #clock: Clock | null = null;

  constructor(options: JsonlOptions) {
    this.#sink = options.sink;
    this.#selection = options.selection;
    this.#judge = options.judge;
    this.#eventLine = options.line ?? ((_ns, render) => options.sink(render()));
  }

  begin(header: Header): void {
    this.#header = header;
    this.#clock = new Clock(header);
    const { kernel, arch, hostname, bpftrace, clock, started, filters, buffers, probes } = recordingJson(
      header,
      new Tally(),
    );
    this.#line({
      schema: 'umaptrace/begin/1',
      kernel,
      arch,
      hostname,
      bpftrace,
      clock,
      started,
      filters,
      buffers,
      probes,
    });
  }

  event(event: UmapEvent | null, changes: readonly Change[]): void {
    const clock = this.#clock;
    if (clock === null) return;
    const wanted = changes.filter((change) => this.#selection.wants(change));
    const json = (change: Change): object => ({
      n: change.event?.n ?? event?.n ?? null,
      ...changeJson(change, clock),
    });
    if (event === null) {
      for (const change of wanted) this.#line({ schema: 'umaptrace/change/1', ...json(change) });
      return;
    }
    if (wanted.length === 0 && this.#selection.partial) return;
    this.#eventLine(event.ns, () => {
      const head = headJson(event, clock);
      const fields = fieldsJson(event);
      const schema = 'umaptrace/event/1';
      return lineOf({
        schema,
        ...head,
        seq: event.seq,
        what: event.what,
        ...fields,
        changes: wanted.map(json),
      });
    });
  }

  trouble(trouble: Trouble): void {
    if (trouble.what === 'note') return;
    const ns = trouble.ns === null ? null : (this.#clock?.boot(trouble.ns) ?? null);
    this.#line({ schema: 'umaptrace/lost/1', ns, count: trouble.count });
  }

  end(tally: Tally): void {
    if (this.#header === null) return;
    const { findings, verdict, missing = [] } = this.#judge?.() ?? NOT_JUDGED;
    for (const finding of findings) this.#line({ schema: 'umaptrace/finding/1', ...finding });
    if (verdict !== null) this.#line({ schema: 'umaptrace/verdict/1', verdict, missing });
    this.#line({ schema: 'umaptrace/end/1', ...recordingJson(this.#header, tally) });
  }

  #line(value: object): void {
    this.#sink(lineOf(value));
  }
}
