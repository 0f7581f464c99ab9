import type { Origin } from './event.ts';
import { decodeWords, EVENTS, type UmapEvent } from './events.gen.ts';
import { number, text, textWords } from './words.ts';

/** A tag and hex words of at most 64 bits: nothing else is an event line. */
const EVENT_LINE = /^[A-Z]{1,2}(?: [0-9a-f]{1,16}){7,40}$/;
const COMM_CACHE = 4096;

/**
 * Decodes event lines: `TAG cpu seq ns pid tid comm comm FIELD...`, every word but the
 * tag in hexadecimal.
 */
export class EventDecoder {
  readonly #origin: Origin;
  readonly #comms = new Map<string, string>();

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /** The event on a line without its newline, as the `n`-th of the recording; undefined when it is none. */
  decode(line: string, n: number): UmapEvent | undefined {
    if (!EVENT_LINE.test(line)) return undefined;
    const w = line.split(' ');
    const [, cpu = '0', seq = '0', ns = '0', pid = '0', tid = '0', comm0 = '0', comm1 = '0'] = w;
    const head = {
      n,
      ns: this.#origin.relative(ns),
      cpu: number(cpu),
      seq: number(seq),
      pid: number(pid),
      tid: number(tid),
      comm: this.#comm(comm0, comm1),
    };
    return decodeWords(head, w);
  }

  #comm(first: string, second: string): string {
    const key = `${first} ${second}`;
    const known = this.#comms.get(key);
    if (known !== undefined) return known;
    if (this.#comms.size >= COMM_CACHE) this.#comms.clear();
    const comm = text([first, second]);
    this.#comms.set(key, comm);
    return comm;
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
