/**
 * The hexadecimal words that an event line is made of, each as two halves of 32 bits: no number of JavaScript holds
 * 64 bits, and a bigint for each word would cost more than all the rest.
 */

/** What two bytes begin with: two hex digits, whose value it is; one, whose value is added; or none. */
const ONE_DIGIT = 0x100;
const NO_DIGIT = 0x200;
const DIGITS = Buffer.from('0123456789abcdef');
const PAIRS = new Uint16Array(1 << 16).fill(NO_DIGIT);
DIGITS.forEach((first, value) => {
  PAIRS.fill(ONE_DIGIT + value, first << 8, (first + 1) << 8);
  DIGITS.forEach((second, low) => {
    PAIRS[(first << 8) | second] = value * 16 + low;
  });
});
const BLANK = 0x20;
const LONGEST_WORD = 16;

/**
 * Reads all words between two places of a line, each after one blank, two digits at a time.
 * @param to where the line ends: there is a byte, which is no hex digit
 * @param halves where they are put: the high and the low half of each, from `place` on
 * @param most words that are expected at most; those that are not there are 0
 * @returns how many there were; -1 when there is anything else, or more
 */
export function readWords(
  bytes: DataView,
  from: number,
  to: number,
  halves: Uint32Array,
  place: number,
  most: number,
): number {
  const end = place + 2 * most;
  let next = place;
  for (let at = from; at < to; ) {
    if (bytes.getUint8(at) !== BLANK || next === end) return -1;
    const first = at + 1;
    let high = 0;
    let low = 0;
    for (at = first; at < to; at += 2) {
      const pair = PAIRS[bytes.getUint16(at)] ?? NO_DIGIT;
      if (pair < ONE_DIGIT) {
        high = (high << 8) | (low >>> 24);
        low = (low << 8) | pair;
        continue;
      }
      if (pair === NO_DIGIT) break;
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | (pair - ONE_DIGIT);
      at += 1;
      break;
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

/**
 * A word below 2^53; larger ones lose their lowest bits, except multiples of a page, which are exact. Most are small, and
 * stay integers to V8: whatever is multiplied by 2^32 is a floating-point number, an object of its own wherever it is kept.
 */
export function numberAt(halves: Uint32Array, at: number): number {
  const high = halves[at] ?? 0;
  const low = halves[at + 1] ?? 0;
  return high === 0 ? low : high * 0x1_0000_0000 + low;
}

/** The low 32 bits of a word as a signed number: what an int-returning kernel function returned. */
export const int32At = (halves: Uint32Array, at: number): number => (halves[at + 1] ?? 0) | 0;

/** Makes texts of words, each of which is given by the place of its high half. */
export class WordTexts {
  readonly #known = new Uint32Array(KNOWN_WORDS * 2);
  readonly #strings: string[] = new Array<string>(KNOWN_WORDS).fill('0');
  readonly #bytes = Buffer.alloc(8);
  readonly #commWords = new Uint32Array(KNOWN_COMMS * 4);
  readonly #comms: string[] = new Array<string>(KNOWN_COMMS).fill('');

  /** A word as its digits, without leading zeros. */
  digits(halves: Uint32Array, at: number): string {
    const high = halves[at] ?? 0;
    const low = halves[at + 1] ?? 0;
    const known = this.#known;
    const place = (Math.imul(low, 0x9e37_79b1) ^ Math.imul(high, 0x85eb_ca6b)) >>> 16;
    if (known[place * 2] === low && known[place * 2 + 1] === high) return this.#strings[place] ?? '0';
    const text = high === 0 ? low.toString(16) : this.#long(high, low);
    known[place * 2] = low;
    known[place * 2 + 1] = high;
    this.#strings[place] = text;
    return text;
  }

  /** In one piece: a string that is put together would be looked up piece by piece wherever it is a key. */
  #long(high: number, low: number): string {
    const bytes = this.#bytes;
    bytes.writeUInt32BE(high, 0);
    bytes.writeUInt32BE(low, 4);
    return bytes.toString('hex').replace(/^0+/, '');
  }

  /** Text of so many little-endian words. */
  text(halves: Uint32Array, at: number, words: number): string {
    const bytes = Buffer.alloc(words * 8);
    for (let i = 0; i < words * 2; i += 2) {
      bytes.writeUInt32LE(halves[at + i] ?? 0, i * 4 + 4);
      bytes.writeUInt32LE(halves[at + i + 1] ?? 0, i * 4);
    }
    return textOf(bytes);
  }

  /** The name of a thread: text of two words, of which there are few. */
  comm(halves: Uint32Array, at: number): string {
    const a = halves[at] ?? 0;
    const b = halves[at + 1] ?? 0;
    const c = halves[at + 2] ?? 0;
    const d = halves[at + 3] ?? 0;
    const hash = Math.imul(b ^ Math.imul(a, 31) ^ Math.imul(d, 131) ^ Math.imul(c, 1031), 0x9e37_79b1) >>> 20;
    const known = this.#commWords;
    const place = hash * 4;
    if (known[place] === a && known[place + 1] === b && known[place + 2] === c && known[place + 3] === d) {
      return this.#comms[hash] ?? '';
    }
    const comm = this.text(halves, at, 2);
    known.set([a, b, c, d], place);
    this.#comms[hash] = comm;
    return comm;
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
