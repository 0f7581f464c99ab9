/** The timeline as one JSON document, written in pieces: as one text it could pass what a string can hold. */
import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import type { Change } from '../timeline/model.ts';
import { Collector, type Judgement } from './collect.ts';
import { jsonText } from './escape.ts';
import type { Selection } from './select.ts';
import type { Tally } from './tally.ts';
import type { Sink, View } from './view.ts';

/** Depth of a timeline from which on a value is put on one line. */
const COMPACT = 6;

/** The text of a JSON value, indented down to the depth where it becomes compact, in pieces. */
export function* jsonPieces(value: unknown, compact: number, depth = 0): Generator<string, void, void> {
  const entries = entriesOf(value);
  if (depth >= compact || entries === null || entries.length === 0) {
    yield jsonText(value);
    return;
  }
  const isList = Array.isArray(value);
  const indent = '  '.repeat(depth);
  let separator = isList ? '[' : '{';
  for (const [key, inner] of entries) {
    yield `${separator}\n${indent}  ${isList ? '' : `${jsonText(key)}: `}`;
    yield* jsonPieces(inner, compact, depth + 1);
    separator = ',';
  }
  yield `\n${indent}${isList ? ']' : '}'}`;
}

const entriesOf = (value: unknown): [string, unknown][] | null =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).filter(([, inner]) => inner !== undefined)
    : null;

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
    for (const piece of jsonPieces(timeline, COMPACT)) this.#options.sink(piece);
    this.#options.sink('\n');
  }
}
