/**
 * Readers for the hexadecimal words that an event line is made of. A line has been
 * checked to hold nothing but hex digits and blanks before any of these is called.
 */

/** A word below 2^53; larger ones lose their lowest bits, except multiples of a page, which are exact. */
export const number = (word: string): number => Number.parseInt(word, 16);

/** The low 32 bits of a word as a signed number: what an int-returning kernel function returned. */
export const int32 = (word: string): number => Number.parseInt(word.slice(-8), 16) | 0;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** Text of little-endian 64-bit words, up to its first NUL: UTF-8 where it is, else one character a byte. */
export function text(words: readonly string[]): string {
  const bytes = Buffer.alloc(words.length * 8);
  words.forEach((word, i) => {
    bytes.writeBigUInt64LE(BigInt(`0x${word}`), i * 8);
  });
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return utf8.decode(used);
  } catch {
    return latin1.decode(used);
  }
}

/** Little-endian 64-bit words that hold `value`, cut to `words * 8 - 1` bytes: the inverse of {@link text}. */
export function textWords(value: string, words: number): string[] {
  const bytes = Buffer.alloc(words * 8);
  bytes.write(value, 0, words * 8 - 1, 'utf8');
  return Array.from({ length: words }, (_, i) => bytes.readBigUInt64LE(i * 8).toString(16));
}
