import { fieldWords } from './declaration.ts';
import type { EventHead, Origin } from './event.ts';
import { DECODERS, EVENTS, type UmapEvent } from './events.gen.ts';
import { numberAt, readWords, textWords, WordTexts } from './words.ts';

/** Words of every event before its fields: cpu seq ns pid tid comm comm. */
const HEAD_WORDS = 7;
/** Halves of the words before its comm. */
const COMM = 10;
const BLANK = 0x20;

/** A tag of one or two characters as a number. */
const tagNumber = (first: number, second: number): number => (first << 8) | second;

/** No event has this tag. */
const NONE = 0xff;

/** Places in {@link EVENTS}, by the number of the tag. */
const BY_TAG = new Uint8Array(1 << 16).fill(NONE);
EVENTS.forEach(({ tag }, type) => {
  const [first = 0, second = BLANK] = Buffer.from(tag);
  BY_TAG[tagNumber(first, second)] = type;
});

/** Words that a line of each of {@link EVENTS} has at least. */
const lineWords = (format?: number): Uint8Array =>
  Uint8Array.from(EVENTS, (event) => HEAD_WORDS + fieldWords(event, format));

const WHOLE = lineWords();

/** 32-bit halves of the words of the longest line. */
const HALVES = 2 * Math.max(...WHOLE);

/** Lines whose words share one array. */
const TOGETHER = 1024;

/** An event as it arrived: what puts it in its place has been read, the rest is still words. */
export class EventLine implements Pick<EventHead, 'n' | 'ns' | 'cpu' | 'seq'> {
  n = 0;
  ns = 0;
  cpu = 0;
  seq = 0;
  /** Its place in {@link EVENTS}. */
  type = 0;
  /** Its words, from a place on: cpu, seq, ns, and so on. */
  readonly halves: Uint32Array;
  readonly place: number;
  readonly #decoder: EventDecoder;

  constructor(decoder: EventDecoder, halves: Uint32Array, place: number) {
    this.#decoder = decoder;
    this.halves = halves;
    this.place = place;
  }

  get kind(): 'event' {
    return 'event';
  }

  /** The whole of it, made anew each time. */
  get event(): UmapEvent {
    return this.#decoder.read(this);
  }

  /** Says that it is not needed any more: it becomes another event. */
  free(): void {
    this.#decoder.free(this);
  }
}

/**
 * Decodes event lines: `TAG cpu seq ns pid tid comm comm FIELD...`, every word but the
 * tag in hexadecimal.
 */
export class EventDecoder {
  readonly #origin: Origin;
  readonly #texts = new WordTexts();
  readonly #least: Uint8Array;
  #chunk: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#chunk.buffer);
  /**
   * Lines that are not needed any more. A line waits, for a second of the trace, for events of other CPUs: too long
   * for it to die young, so making a new one for each event would keep the collector busy.
   */
  readonly #spare: EventLine[] = [];

  /** @param format of the recording: lines of older ones may lack the fields that were added later, which are 0 then */
  constructor(origin: Origin, format?: number) {
    this.#origin = origin;
    this.#least = format === undefined ? WHOLE : lineWords(format);
  }

  /**
   * The event on the line between two places, as the `n`-th of the recording; undefined when it is none.
   * @param to where its newline is
   */
  see(chunk: Uint8Array, from: number, to: number, n: number): EventLine | undefined {
    const second = chunk[from + 1] ?? BLANK;
    const type = BY_TAG[tagNumber(chunk[from] ?? 0, second)] ?? NONE;
    if (type === NONE) return undefined;
    const most = WHOLE[type] ?? 0;
    const line = this.#spare.pop() ?? this.#more();
    const { halves, place } = line;
    const at = from + (second === BLANK ? 1 : 2);
    const count = readWords(this.#viewOf(chunk), at, to, halves, place, most);
    if (count < (this.#least[type] ?? most)) {
      line.free();
      return undefined;
    }
    line.n = n;
    line.type = type;
    line.cpu = numberAt(halves, place);
    line.seq = numberAt(halves, place + 2);
    line.ns = this.#origin.relative(halves[place + 4] ?? 0, halves[place + 5] ?? 0);
    return line;
  }

  /** All of an event that {@link see} gave. */
  read(line: EventLine): UmapEvent {
    const decode = DECODERS[line.type];
    if (decode === undefined) throw new Error('no event is of this type');
    const { halves, place } = line;
    const comm = this.#texts.comm(halves, place + COMM);
    return decode(line, comm, halves, place, this.#texts);
  }

  /** Takes back a line that {@link see} gave. */
  free(line: EventLine): void {
    this.#spare.push(line);
  }

  #more(): EventLine {
    const halves = new Uint32Array(HALVES * TOGETHER);
    for (let i = 1; i < TOGETHER; i++) this.#spare.push(new EventLine(this, halves, i * HALVES));
    return new EventLine(this, halves, 0);
  }

  /** Many lines come out of one chunk. */
  #viewOf(chunk: Uint8Array): DataView {
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
    return this.#view;
  }

  /** The event on a line of text without its newline; undefined when it is none. */
  decode(line: string, n: number): UmapEvent | undefined {
    const bytes = Buffer.from(`${line}\n`, 'latin1');
    return this.see(bytes, 0, bytes.length - 1, n)?.event;
  }
}

const encodeField = (type: string, value: string | number): string => {
  if (type === 'str32') return textWords(String(value), 4).join(' ');
  if (type === 'errno') return (Number(value) >>> 0).toString(16);
  return typeof value === 'number' ? value.toString(16) : value;
};

/** The line of an event, without a newline: the inverse of {@link EventDecoder.decode}. */
export function encodeEvent(event: UmapEvent, origin: Origin): string {
  const declaration = EVENTS.find(({ name }) => name === event.what);
  const values = new Map<string, string | number>(Object.entries(event));
  const fields = (declaration?.fields ?? []).map(({ name, type }) =>
    encodeField(type, values.get(name) ?? 0),
  );
  const head = [event.cpu, event.seq, origin.absolute(event.ns), event.pid, event.tid].map((word) =>
    word.toString(16),
  );
  return [declaration?.tag, ...head, ...textWords(event.comm, 2), ...fields].join(' ');
}
