import type { UmapEvent } from '../event/events.gen.ts';
import type { Header } from '../recording/format.ts';
import type { Change } from '../timeline/model.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Tally } from './tally.ts';

/** Where text, or bytes, go, in pieces. */
export type Sink = (piece: string | Uint8Array) => void;

/** Something about the recording itself that a reader must know where it happened. */
export type Trouble =
  /** `ns` since the start; null when not written down. */
  | { readonly what: 'lost'; readonly ns: number | null; readonly count: number }
  | { readonly what: 'note'; readonly text: string };

/** A form of a timeline: gets it piece by piece, in order of time, and writes into a sink. */
export interface View {
  /** Before all else. */
  begin(header: Header): void;
  /** An event with all that it did, often nothing; null: changes that the end of the trace brought. */
  event(event: UmapEvent | null, changes: readonly Change[]): void;
  trouble(trouble: Trouble): void;
  /** After all else; the timeline is as the last event left it. */
  end(tally: Tally, timeline: Timeline): void;
}
