/**
 * Reads a recording as it comes, in memory bounded by its longest allowed line. Whatever
 * the bytes are, the answer is items, or one sentence: it is not a recording.
 */
import { EventDecoder } from '../event/codec.ts';
import { Origin } from '../event/event.ts';
import type { Header } from './format.ts';
import type { RecordingItem } from './item.ts';
import { LineCutter } from './lines.ts';
import {
  LONGEST_HEADER,
  LONGEST_LINE,
  LONGEST_PREFACE,
  notARecording,
  parseHeader,
  parseOther,
} from './parse.ts';

export class RecordingReader {
  readonly #cutter = new LineCutter(LONGEST_HEADER);
  #decoder: EventDecoder | null = null;
  #header: Header | null = null;
  #lines = 0;
  #events = 0;
  #items: RecordingItem[] = [];

  /** The header; null until it has been read. */
  get header(): Header | null {
    return this.#header;
  }

  /** Event lines read so far. */
  get events(): number {
    return this.#events;
  }

  /**
   * The items that these bytes complete.
   * @throws UserError when it is not a recording, or one of a newer format.
   */
  push(chunk: Buffer): RecordingItem[] {
    this.#cutter.push(chunk, this.#see);
    if (this.#decoder === null && this.#cutter.skipping) throw notARecording('no header was found');
    return this.#take();
  }

  /**
   * The items that the end of the bytes completes: a line without its newline was cut off.
   * @throws UserError when no header ever came.
   */
  end(): RecordingItem[] {
    this.#cutter.rest(this.#seeCut);
    if (this.#decoder === null) {
      throw notARecording(this.#lines === 0 ? 'it is empty' : 'no header was found');
    }
    return this.#take();
  }

  #take(): RecordingItem[] {
    if (this.#decoder === null) return [];
    const items = this.#items;
    this.#items = [];
    return items;
  }

  readonly #see = (bytes: Buffer | null, from: number, to: number): void => {
    this.#lines++;
    if (bytes === null) this.#unreadable('longer than any line of a recording');
    else if (this.#decoder === null) this.#seeBeforeHeader(bytes.toString('latin1', from, to));
    else this.#seeEvent(this.#decoder, bytes, from, to);
  };

  #seeEvent(decoder: EventDecoder, bytes: Buffer, from: number, to: number): void {
    const event = decoder.see(bytes, from, to, this.#events + 1);
    if (event === undefined) {
      this.#seeOther(bytes.toString('latin1', from, to));
      return;
    }
    this.#events++;
    this.#items.push(event);
  }

  #seeOther(line: string): void {
    const item = parseOther(line);
    if (typeof item === 'string') this.#unreadable(item);
    else if (item !== undefined) this.#items.push(item);
  }

  #seeBeforeHeader(line: string): void {
    const header = parseHeader(line);
    if (header === undefined) {
      if (this.#lines > LONGEST_PREFACE) throw notARecording('no header was found');
      this.#seeOther(line);
      return;
    }
    this.#header = header;
    this.#decoder = new EventDecoder(new Origin(header.origin), header.format);
    this.#cutter.limit = LONGEST_LINE;
    this.#items.unshift({ kind: 'header', header });
  }

  /** A cut event line may still look like one, with digits missing; JSON that parses is whole. */
  readonly #seeCut = (bytes: Buffer | null, from: number, to: number): void => {
    const line = bytes?.toString('latin1', from, to) ?? '';
    if (line.startsWith('{') && line.endsWith('}')) {
      this.#see(bytes, from, to);
      return;
    }
    this.#lines++;
    this.#unreadable('cut off');
  };

  #unreadable(reason: string): void {
    this.#items.push({ kind: 'unreadable', line: this.#lines, reason });
  }
}

/**
 * The items of a recording, in batches: one for each chunk that completes any.
 * @throws UserError when it is not a recording, or one of a newer format.
 */
export async function* readRecording(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<RecordingItem[], void, void> {
  const reader = new RecordingReader();
  for await (const chunk of chunks) {
    const items = reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (items.length > 0) yield items;
  }
  yield reader.end();
}
