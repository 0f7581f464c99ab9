/**
 * The hexadecimal words that an event line is made of, each as two halves of 32 bits: no number of JavaScript holds
 * 64 bits, and a bigint for each word would cost more than all the rest.
 */

/** What a byte is in an event line: the value of a hex digit, or no digit. */
const NO_DIGIT = 16;
const DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return /[0-9a-f]/.test(char) ? Number.parseInt(char, 16) : NO_DIGIT;
});
const BLANK = 0x20;
const LONGEST_WORD = 16;

/**
 * Reads all words between two places of a line, each after one blank.
 * @param halves where they are put: the high and the low half of each, from `place` on
 * @param most words that are expected at most; those that are not there are 0
 * @returns how many there were; -1 when there is anything else, or more
 */
export function readWords(
  bytes: Uint8Array,
  from: number,
  to: number,
  halves: Int32Array,
  place: number,
  most: number,
): number {
  const end = place + 2 * most;
  let next = place;
  for (let at = from; at < to; ) {
    if (bytes[at] !== BLANK || next === end) return -1;
    const first = at + 1;
    let high = 0;
    let low = 0;
    for (at = first; at < to; at++) {
      const digit = DIGIT[bytes[at] ?? 0] ?? NO_DIGIT;
      if (digit === NO_DIGIT) break;
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
    }
    const digits = at - first;
    if (digits === 0 || digits > LONGEST_WORD) return -1;
    halves[next] = high;
    halves[next + 1] = low;
    next += 2;
  }
  if (next < end) halves.fill(0, next, end);
  return (next - place) / 2;
}

/** Kernel pointers and masks come again and again: each is one string, and making it costs once. */
const KNOWN_WORDS = 1 << 16;
const KNOWN_COMMS = 1 << 12;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** Text of bytes, up to its first NUL: UTF-8 where it is, else one character a byte. */
export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return utf8.decode(used);
  } catch {
    return latin1.decode(used);
  }
}

/** Makes of the words of one line after the other, from left to right, what they stand for. */
export class Words {
  #halves: Int32Array = new Int32Array(0);
  #at = 0;
  readonly #known = new Int32Array(KNOWN_WORDS * 2);
  readonly #strings: string[] = new Array<string>(KNOWN_WORDS).fill('0');
  readonly #commWords = new Int32Array(KNOWN_COMMS * 4);
  readonly #comms: string[] = new Array<string>(KNOWN_COMMS).fill('');

  /** Begins at a word: the place of its high half. */
  start(halves: Int32Array, place: number): void {
    this.#halves = halves;
    this.#at = place;
  }

  /** The place of the next word. */
  get at(): number {
    return this.#at;
  }

  /** A word below 2^53; larger ones lose their lowest bits, except multiples of a page, which are exact. */
  number(): number {
    const at = this.#at;
    this.#at = at + 2;
    return ((this.#halves[at] ?? 0) >>> 0) * 0x1_0000_0000 + ((this.#halves[at + 1] ?? 0) >>> 0);
  }

  /** The low 32 bits of a word as a signed number: what an int-returning kernel function returned. */
  int32(): number {
    this.#at += 1;
    return this.#half();
  }

  /**
   * A word as the difference to one that is given as two halves: exact while the difference is below 2^53,
   * however large both are.
   */
  difference(high: number, low: number): number {
    const own = this.#half();
    return ((own >>> 0) - high) * 0x1_0000_0000 + ((this.#half() >>> 0) - low);
  }

  /** A word as its digits, without leading zeros. */
  digits(): string {
    const at = this.#at;
    this.#at = at + 2;
    const high = this.#halves[at] ?? 0;
    const low = this.#halves[at + 1] ?? 0;
    const known = this.#known;
    const place = (Math.imul(low, 0x9e37_79b1) ^ Math.imul(high, 0x85eb_ca6b)) >>> 16;
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
      bytes.writeInt32LE(this.#half(), i * 8 + 4);
      bytes.writeInt32LE(this.#half(), i * 8);
    }
    return textOf(bytes);
  }

  /** The name of a thread: text of two words, of which there are few. */
  comm(): string {
    const from = this.#at;
    const b = this.#half();
    const a = this.#half();
    const d = this.#half();
    const c = this.#half();
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

  #half(): number {
    const half = this.#halves[this.#at] ?? 0;
    this.#at += 1;
    return half;
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
