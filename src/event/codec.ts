import { fieldWords } from './declaration.ts';
import type { EventHead, Origin } from './event.ts';
import { decodeFields, EVENTS, type UmapEvent } from './events.gen.ts';
import { readWords, textWords, Words } from './words.ts';

/** Words of every event before its fields: cpu seq ns pid tid comm comm. */
const HEAD_WORDS = 7;
/** Halves of those that put it in its place: cpu seq ns. */
const PLACED_HALVES = 6;
const BLANK = 0x20;

/** A tag of one or two characters as a number. */
const tagNumber = (first: number, second: number): number => (first << 8) | second;

/** Words that an event line has at least, by the number of its tag; 0: no event has this tag. */
function lineWords(format?: number): Uint8Array {
  const words = new Uint8Array(1 << 16);
  for (const event of EVENTS) {
    const [first, second = BLANK] = Buffer.from(event.tag);
    words[tagNumber(first ?? 0, second)] = HEAD_WORDS + fieldWords(event, format);
  }
  return words;
}

const WHOLE = lineWords();

/** 32-bit halves of the words of the longest line. */
const HALVES = 2 * WHOLE.reduce((most, words) => Math.max(most, words), 0);

/** Lines whose words share one array. */
const TOGETHER = 1024;

/** An event as it arrived: what puts it in its place has been read, the rest is still words. */
export class EventLine implements Pick<EventHead, 'n' | 'ns' | 'cpu' | 'seq'> {
  n = 0;
  ns = 0;
  cpu = 0;
  seq = 0;
  tag = 0;
  /** Its words, from a place on: cpu, seq, ns, and so on. */
  readonly halves: Int32Array;
  readonly place: number;
  readonly #decoder: EventDecoder;

  constructor(decoder: EventDecoder, halves: Int32Array, place: number) {
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
  readonly #words = new Words();
  readonly #least: Uint8Array;
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
   * The event on the line between two places, without its newline, as the `n`-th of the recording; undefined when
   * it is none.
   */
  see(bytes: Uint8Array, from: number, to: number, n: number): EventLine | undefined {
    const second = bytes[from + 1] ?? BLANK;
    const tag = tagNumber(bytes[from] ?? 0, second);
    const most = WHOLE[tag] ?? 0;
    if (most === 0) return undefined;
    const line = this.#spare.pop() ?? this.#more();
    const at = from + (second === BLANK ? 1 : 2);
    const count = readWords(bytes, at, to, line.halves, line.place, most);
    if (count < (this.#least[tag] ?? most)) {
      line.free();
      return undefined;
    }
    const words = this.#words;
    words.start(line.halves, line.place);
    line.n = n;
    line.tag = tag;
    line.cpu = words.number();
    line.seq = words.number();
    line.ns = this.#origin.relative(words);
    return line;
  }

  /** All of an event that {@link see} gave. */
  read(line: EventLine): UmapEvent {
    this.#words.start(line.halves, line.place + PLACED_HALVES);
    return decodeFields(line, this.#words);
  }

  /** Takes back a line that {@link see} gave. */
  free(line: EventLine): void {
    this.#spare.push(line);
  }

  #more(): EventLine {
    const halves = new Int32Array(HALVES * TOGETHER);
    for (let i = 1; i < TOGETHER; i++) this.#spare.push(new EventLine(this, halves, i * HALVES));
    return new EventLine(this, halves, 0);
  }

  /** The event on a line of text without its newline; undefined when it is none. */
  decode(line: string, n: number): UmapEvent | undefined {
    const bytes = Buffer.from(line, 'latin1');
    return this.see(bytes, 0, bytes.length, n)?.event;
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
