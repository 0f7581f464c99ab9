import type { EventHead, Origin } from './event.ts';
import { decodeFields, EVENTS, FIELD_WORDS, type UmapEvent } from './events.gen.ts';
import { countWords, textWords, Words } from './words.ts';

/** Words of every event before its fields: cpu seq ns pid tid comm comm. */
const HEAD_WORDS = 7;
const BLANK = 0x20;

/** A tag of one or two characters as a number. */
const tagNumber = (first: number, second: number): number => (first << 8) | second;

/** Words of an event line by the number of its tag; 0: no event has this tag. */
const LINE_WORDS = new Uint8Array(1 << 16);
for (const [tag, words] of Object.entries(FIELD_WORDS)) {
  LINE_WORDS[tagNumber(tag.charCodeAt(0), tag.length > 1 ? tag.charCodeAt(1) : BLANK)] = HEAD_WORDS + words;
}

/** An event as it arrived: what puts it in its place has been read, the rest is still text. */
export class EventLine implements Pick<EventHead, 'n' | 'ns' | 'cpu' | 'seq'> {
  readonly n: number;
  readonly ns: number;
  readonly cpu: number;
  readonly seq: number;
  /** First word that has not been read. */
  readonly at: number;
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly #decoder: EventDecoder;

  constructor(
    decoder: EventDecoder,
    tag: number,
    bytes: Uint8Array,
    n: number,
    cpu: number,
    seq: number,
    ns: number,
    at: number,
  ) {
    this.n = n;
    this.ns = ns;
    this.cpu = cpu;
    this.seq = seq;
    this.at = at;
    this.tag = tag;
    this.bytes = bytes;
    this.#decoder = decoder;
  }

  get kind(): 'event' {
    return 'event';
  }

  /** The whole of it, read anew each time. */
  get event(): UmapEvent {
    return this.#decoder.read(this);
  }
}

/**
 * Decodes event lines: `TAG cpu seq ns pid tid comm comm FIELD...`, every word but the
 * tag in hexadecimal.
 */
export class EventDecoder {
  readonly #origin: Origin;
  readonly #words = new Words();

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /**
   * The event on the line between two places, without its newline, as the `n`-th of the recording; undefined when
   * it is none. The bytes are kept as long as it is.
   */
  see(bytes: Uint8Array, from: number, to: number, n: number): EventLine | undefined {
    const second = bytes[from + 1] ?? BLANK;
    const tag = tagNumber(bytes[from] ?? 0, second);
    const expected = LINE_WORDS[tag] ?? 0;
    if (expected === 0) return undefined;
    const at = from + (second === BLANK ? 1 : 2);
    if (countWords(bytes, at, to) !== expected) return undefined;
    const words = this.#words;
    words.start(bytes, at);
    const cpu = words.number();
    const seq = words.number();
    const ns = this.#origin.relative(words);
    return new EventLine(this, tag, bytes, n, cpu, seq, ns, words.at);
  }

  /** All of an event that {@link see} gave. */
  read(line: EventLine): UmapEvent {
    this.#words.start(line.bytes, line.at);
    return decodeFields(line, this.#words);
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
