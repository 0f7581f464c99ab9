/** The forms of a report: one line for each. */
import type { Judgement } from './collect.ts';
import { HtmlView } from './html/view.ts';
import { JsonView } from './json.ts';
import { JsonlView } from './jsonl.ts';
import { MdView } from './md.ts';
import type { Paint } from './paint.ts';
import { PerfettoView } from './perfetto/view.ts';
import type { Selection } from './select.ts';
import { TextView } from './text.ts';
import type { LineSink } from './valve.ts';
import type { Sink, View } from './view.ts';

export interface FormatOptions {
  readonly sink: Sink;
  /** Where the summary goes when it is not part of the data. */
  readonly summary: Sink;
  readonly paint: Paint;
  readonly selection: Selection;
  readonly width: number;
  readonly absolute: boolean;
  readonly all?: boolean;
  /** Where lines of the timeline go, in text and jsonl; to `sink` if not given. */
  readonly line?: LineSink;
  /** Whether what happened at `ns` gets no line, in text. */
  readonly skips?: (ns: number) => boolean;
  readonly judge?: () => Judgement;
}

export interface Format {
  /** File name extensions that mean it. */
  readonly extensions: readonly string[];
  /** A terminal cannot show it. */
  readonly notToTerminal?: true;
  readonly view: (options: FormatOptions) => View;
}

const formats = {
  text: { extensions: ['.txt', '.text', '.log'], view: (options) => new TextView(options) },
  json: { extensions: ['.json'], view: (options) => new JsonView(options) },
  jsonl: { extensions: ['.jsonl', '.ndjson'], view: (options) => new JsonlView(options) },
  md: { extensions: ['.md', '.markdown'], view: (options) => new MdView(options) },
  html: { extensions: ['.html', '.htm'], notToTerminal: true, view: (options) => new HtmlView(options) },
  perfetto: {
    extensions: ['.pftrace', '.perfetto-trace', '.perfetto'],
    notToTerminal: true,
    view: (options) => new PerfettoView(options),
  },
} satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

/** Every format by name. */
export const FORMATS: Readonly<Record<FormatName, Format>> = formats;

const isFormatName = (name: string): name is FormatName => Object.hasOwn(formats, name);

/** The names of all formats. */
export const FORMAT_NAMES: readonly FormatName[] = Object.keys(formats).filter(isFormatName);
