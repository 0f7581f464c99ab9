/** Recordings rendered in a format, for tests. */
import { RecordingReader } from '../../src/recording/read.ts';
import { FORMATS, type FormatName } from '../../src/report/formats.ts';
import { JudgedView } from '../../src/report/judge.ts';
import { type Paint, plain } from '../../src/report/paint.ts';
import { Replay } from '../../src/report/replay.ts';
import { type Filters, learning, Selection } from '../../src/report/select.ts';
import type { View } from '../../src/report/view.ts';
import { Cgroups } from '../../src/timeline/cgroups.ts';

process.env['TZ'] = 'UTC';

export interface RenderOptions {
  readonly filters?: Filters;
  readonly absolute?: boolean;
  readonly width?: number;
  readonly paint?: Paint;
  /** Whether the rules are applied. */
  readonly judged?: boolean;
}

/** The text of a recording's report. */
export function render(format: FormatName, bytes: Buffer, options: RenderOptions = {}): string {
  return renderBytes(format, bytes, options).toString('utf8');
}

/** The bytes of a recording's report. */
export function renderBytes(format: FormatName, bytes: Buffer, options: RenderOptions = {}): Buffer {
  const pieces: Buffer[] = [];
  const sink = (piece: string | Uint8Array): void => {
    pieces.push(Buffer.from(piece));
  };
  const { filters, judged = true, absolute = false, width = 79, paint = plain } = options;
  const first = new Selection(filters);
  const cgroups = new Cgroups();
  if (first.byThing) read(bytes, learning(first), cgroups);
  const selection = first.byThing ? first.again() : first;
  const given = { sink, summary: sink, paint, selection, absolute, width };
  const view = judged
    ? new JudgedView((judge) => FORMATS[format].view({ ...given, judge }), selection)
    : FORMATS[format].view(given);
  read(bytes, view, cgroups);
  return Buffer.concat(pieces);
}

function read(bytes: Buffer, view: View, cgroups: Cgroups): void {
  const replay = new Replay(view, { cgroups });
  const reader = new RecordingReader();
  replay.feed(reader.push(bytes));
  replay.feed(reader.end());
  replay.finish();
}
