/** Recordings rendered in a format, for tests. */
import { RecordingReader } from '../../src/recording/read.ts';
import { FORMATS, type FormatName } from '../../src/report/formats.ts';
import { type Paint, plain } from '../../src/report/paint.ts';
import { Replay } from '../../src/report/replay.ts';
import { type Filters, Selection } from '../../src/report/select.ts';

process.env['TZ'] = 'UTC';

export interface RenderOptions {
  readonly filters?: Filters;
  readonly absolute?: boolean;
  readonly width?: number;
  readonly paint?: Paint;
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
  const { filters, absolute = false, width = 79, paint = plain } = options;
  const selection = new Selection(filters);
  const view = FORMATS[format].view({ sink, summary: sink, paint, selection, absolute, width });
  const replay = new Replay(view);
  const reader = new RecordingReader();
  replay.feed(reader.push(bytes));
  replay.feed(reader.end());
  replay.finish();
  return Buffer.concat(pieces);
}
