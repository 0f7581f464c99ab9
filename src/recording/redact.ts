/**
 * A copy of a recording that can be shared: addresses, host, comms, cgroups and paths under
 * pseudonyms, ranges with their geometry, times and pids as they are. Line by line; what cannot
 * be read is not passed on.
 */
import {
  type EventDeclaration,
  FIELD_TYPES,
  type FieldDeclaration,
  fieldWords,
} from '../event/declaration.ts';
import { EVENTS } from '../event/events.gen.ts';
import { text, textWords } from '../event/words.ts';
import { type Footer, type Header, LONGEST_PATH } from './format.ts';
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
import { Pseudonyms } from './pseudonyms.ts';

const EVENT_LINE = /^[A-Z]{1,2}(?: [0-9a-f]{1,16}){7,40}$/;
const HEAD_WORDS = 8;
const COMM_AT = 6;
/** Stands for a line that cannot be read, and cannot be read either. */
const UNREADABLE = 'redacted';
/** Fields that hold an address, though their type does not say so. */
const FRAMES = new Set(['pfn', 'frame', 'other']);
/** Text that names a function or a module of the kernel, and nobody's device. */
const SYMBOLS = new Set(['function', 'module']);
const SYMBOL = /^[\w.]*$/;

const DECLARED = new Map(EVENTS.map((event) => [event.tag, event]));

/** Bigints as decimal text: times, as recordings write them. */
const json = (value: object): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));

/** Text that we or bpftrace wrote, without what it may quote, and without comms, which may hold anything. */
const redactedText = (value: string): string =>
  value
    .replace(/(\bpid \d+) \(.*\)/gs, '$1 (redacted)')
    .replace(/\S*[/\\"'`]\S*|\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b/gi, '(redacted)');

export class Redactor {
  readonly #names: Pseudonyms;
  readonly #cutter = new LineCutter(LONGEST_HEADER);
  #out: string[] = [];
  #lines = 0;
  #header: Header | null = null;

  constructor(key: Uint8Array) {
    this.#names = new Pseudonyms(key);
  }

  /**
   * The text for the lines that these bytes complete.
   * @throws UserError when it is not a recording, or one of a newer format
   */
  push(chunk: Buffer): string {
    this.#cutter.push(chunk, (bytes, from, to) => {
      this.#out.push(`${this.#line(bytes?.toString('latin1', from, to) ?? null)}\n`);
    });
    if (this.#header === null && this.#cutter.skipping) throw notARecording('no header was found');
    return this.#take();
  }

  /**
   * The text for what the end of the bytes completes.
   * @throws UserError when no header ever came
   */
  end(): string {
    this.#cutter.rest((bytes, from, to) => {
      this.#out.push(this.#cut(bytes?.toString('latin1', from, to) ?? null));
    });
    if (this.#header === null) throw notARecording(this.#lines === 0 ? 'it is empty' : 'no header was found');
    return this.#take();
  }

  #take(): string {
    if (this.#header === null) return '';
    const text = this.#out.join('');
    this.#out = [];
    return text;
  }

  /** @param line null: it was too long */
  #line(line: string | null): string {
    this.#lines++;
    if (line === null) return UNREADABLE;
    if (this.#header === null) return this.#beforeHeader(line);
    return this.#event(line) ?? this.#other(line);
  }

  /** A line without its newline: an event would be missing digits, JSON is whole when it can be read. */
  #cut(line: string | null): string {
    const whole = line?.startsWith('{') && line.endsWith('}');
    if (whole === true) return this.#line(line);
    this.#lines++;
    return UNREADABLE;
  }

  #beforeHeader(line: string): string {
    const header = parseHeader(line);
    if (header === undefined) {
      if (this.#lines > LONGEST_PREFACE) throw notARecording('no header was found');
      return this.#other(line);
    }
    this.#header = header;
    this.#cutter.limit = LONGEST_LINE;
    return json(this.#headerLine(header));
  }

  #headerLine(header: Header): object {
    const { hostname, bootId, kernel, filters, probes } = header;
    const host = this.#names.name('host', hostname);
    return {
      ...header,
      kernel: hostname.length > 2 ? kernel.replaceAll(hostname, host) : kernel,
      hostname: host,
      bootId: this.#names.name('boot', bootId),
      filters: Object.fromEntries(
        Object.entries(filters).map(([name, value]) => [name, this.#filter(name, value)]),
      ),
      probes: probes.map((probe) =>
        probe.reason === undefined ? probe : { ...probe, reason: redactedText(probe.reason) },
      ),
    };
  }

  #filter(name: string, value: string): string {
    if (name === 'pid') return value;
    if (name === 'comm') return this.#names.commText(value);
    if (name === 'cgroup') return this.#names.path(value);
    return name === 'device' ? this.#names.device(value) : this.#names.name(name, value);
  }

  /** An event line; undefined when it is none. */
  #event(line: string): string | undefined {
    if (!EVENT_LINE.test(line)) return undefined;
    const words = line.split(' ');
    const declared = DECLARED.get(words[0] ?? '');
    if (declared === undefined || !this.#fits(declared, words.length - HEAD_WORDS)) return undefined;
    const head = words.slice(0, COMM_AT);
    const out = [...head, ...this.#names.comm(words[COMM_AT] ?? '0', words[COMM_AT + 1] ?? '0')];
    for (const field of declared.fields) {
      const at = out.length;
      if (at === words.length) break;
      out.push(...this.#field(field, words.slice(at, at + FIELD_TYPES[field.type].words)));
    }
    return out.join(' ');
  }

  /** Whether a line of this format can have so many words of fields. */
  #fits(declared: EventDeclaration, words: number): boolean {
    return words >= fieldWords(declared, this.#header?.format) && words <= fieldWords(declared);
  }

  #field({ name, type }: FieldDeclaration, words: readonly string[]): readonly string[] {
    const [word = '0'] = words;
    if (type === 'pte') return [this.#names.pte(word)];
    if (type === 'ptr') return [this.#names.pointer(word)];
    if (type === 'addr') return [this.#names.address(word)];
    if (FRAMES.has(name)) return [this.#names.frame(word)];
    return type === 'str32' ? this.#text(name, words) : words;
  }

  #text(name: string, words: readonly string[]): readonly string[] {
    const value = text(words);
    if (SYMBOLS.has(name) && SYMBOL.test(value)) return words;
    return textWords(this.#names.device(value), words.length);
  }

  #other(line: string): string {
    const item = parseOther(line);
    if (item === undefined) return '';
    return typeof item === 'string' ? UNREADABLE : this.#item(item);
  }

  #item(item: RecordingItem): string {
    switch (item.kind) {
      case 'mark':
        return json({ mark: item.mark });
      case 'lost': {
        const { boot, count, map } = item;
        return boot === null ? `Lost ${count} events` : json({ lost: { boot, count, ...(map && { map }) } });
      }
      case 'note':
        return json({ note: { text: redactedText(item.text) } });
      case 'cgroup':
        return json({ cgroup: { id: item.id, path: this.#names.path(item.path).slice(0, LONGEST_PATH) } });
      case 'total':
        return `@n[${item.cpu}]: ${item.count}`;
      case 'footer':
        return json({ end: this.#footer(item.footer) });
      default:
        return UNREADABLE;
    }
  }

  #footer(footer: Footer): Footer {
    return { ...footer, reasons: footer.reasons.map(redactedText) };
  }
}
