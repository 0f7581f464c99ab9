/**
 * The hexadecimal words that an event line is made of. A line has been checked to hold nothing but hex digits and
 * blanks before any of its words is read: {@link countWords}.
 */

/** What a byte is in an event line: the value of a hex digit, or one of these. */
const BLANK = 16;
const OTHER = 17;
const MEANING = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  if (char === ' ') return BLANK;
  return /[0-9a-f]/.test(char) ? Number.parseInt(char, 16) : OTHER;
});
const LONGEST_WORD = 16;

/** Words between `from` and `to`, each after one blank; -1 when anything else is there. */
export function countWords(bytes: Uint8Array, from: number, to: number): number {
  let words = 0;
  let last = from - 1;
  for (let at = from; at <= to; at++) {
    const meaning = at === to ? BLANK : (MEANING[bytes[at] ?? 0] ?? OTHER);
    if (meaning < BLANK) continue;
    const digits = at - last - 1;
    if (meaning === OTHER || digits > LONGEST_WORD || (digits === 0) !== (at === from)) return -1;
    if (at > from) words += 1;
    last = at;
  }
  return words;
}

/** Kernel pointers and masks come again and again: each is one string, and making it costs once. */
const KNOWN_WORDS = 1 << 14;
const KNOWN_COMMS = 1 << 12;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** Text of little-endian bytes, up to its first NUL: UTF-8 where it is, else one character a byte. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return utf8.decode(used);
  } catch {
    return latin1.decode(used);
  }
}

/** Reads the words of one line after the other, from left to right. */
export class Words {
  #bytes: Uint8Array = Buffer.alloc(0);
  #at = 0;
  /** The last word that was read, as two halves. */
  #high = 0;
  #low = 0;
  readonly #known = new Int32Array(KNOWN_WORDS * 2);
  readonly #strings: string[] = new Array<string>(KNOWN_WORDS).fill('0');
  readonly #commWords = new Int32Array(KNOWN_COMMS * 4);
  readonly #comms: string[] = new Array<string>(KNOWN_COMMS).fill('');

  /** Begins a line, at a word or at the blank before it. */
  start(bytes: Uint8Array, at: number): void {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Where the next word, or the blank before it, is. */
  get at(): number {
    return this.#at;
  }

  /** A word below 2^53; larger ones lose their lowest bits, except multiples of a page, which are exact. */
  number(): number {
    this.#next();
    return (this.#high >>> 0) * 0x1_0000_0000 + (this.#low >>> 0);
  }

  /** The low 32 bits of a word as a signed number: what an int-returning kernel function returned. */
  int32(): number {
    this.#next();
    return this.#low;
  }

  /**
   * A word as the difference to one that is given as two halves: exact while the difference is below 2^53,
   * however large both are.
   */
  difference(high: number, low: number): number {
    this.#next();
    return ((this.#high >>> 0) - high) * 0x1_0000_0000 + ((this.#low >>> 0) - low);
  }

  /** A word as its digits, without leading zeros. */
  digits(): string {
    this.#next();
    const high = this.#high;
    const low = this.#low;
    const known = this.#known;
    const place = (Math.imul(low, 0x9e37_79b1) ^ Math.imul(high, 0x85eb_ca6b)) >>> 18;
    if (known[place * 2] === low && known[place * 2 + 1] === high) return this.#strings[place] ?? '0';
    const text =
      high === 0
        ? (low >>> 0).toString(16)
        : (high >>> 0).toString(16) + (low >>> 0).toString(16).padStart(8, '0');
    known[place * 2] = low;
    known[place * 2 + 1] = high;
    this.#strings[place] = text;
    return text;
  }

  /** Text of so many little-endian words. */
  text(words: number): string {
    const bytes = Buffer.alloc(words * 8);
    for (let i = 0; i < words; i++) {
      this.#next();
      bytes.writeInt32LE(this.#low, i * 8);
      bytes.writeInt32LE(this.#high, i * 8 + 4);
    }
    return textOf(bytes);
  }

  /** The name of a thread: text of two words, of which there are few. */
  comm(): string {
    const from = this.#at;
    this.#next();
    const a = this.#low;
    const b = this.#high;
    this.#next();
    const c = this.#low;
    const d = this.#high;
    const hash = Math.imul(a ^ Math.imul(b, 31) ^ Math.imul(c, 131) ^ Math.imul(d, 1031), 0x9e37_79b1) >>> 20;
    const known = this.#commWords;
    const place = hash * 4;
    if (known[place] === a && known[place + 1] === b && known[place + 2] === c && known[place + 3] === d) {
      return this.#comms[hash] ?? '';
    }
    this.#at = from;
    const comm = this.text(2);
    known.set([a, b, c, d], place);
    this.#comms[hash] = comm;
    return comm;
  }

  #next(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at] === 0x20) at += 1;
    let high = 0;
    let low = 0;
    for (; at < bytes.length; at++) {
      const digit = MEANING[bytes[at] ?? 0] ?? OTHER;
      if (digit >= BLANK) break;
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
    }
    this.#at = at;
    this.#high = high;
    this.#low = low;
  }
}

/** Text of little-endian 64-bit words, up to its first NUL: UTF-8 where it is, else one character a byte. */
export function text(words: readonly string[]): string {
  const bytes = Buffer.alloc(words.length * 8);
  words.forEach((word, i) => {
    bytes.writeBigUInt64LE(BigInt(`0x${word}`), i * 8);
  });
  return textOf(bytes);
}

/** Little-endian 64-bit words that hold `value`, cut to `words * 8 - 1` bytes: the inverse of {@link text}. */
export function textWords(value: string, words: number): string[] {
  const bytes = Buffer.alloc(words * 8);
  bytes.write(value, 0, words * 8 - 1, 'utf8');
  return Array.from({ length: words }, (_, i) => bytes.readBigUInt64LE(i * 8).toString(16));
}
