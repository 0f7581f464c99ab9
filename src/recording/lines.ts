/** A line that was too long to be kept. */
export const TOO_LONG = Symbol('too long');

const NEWLINE = 0x0a;

/**
 * Cuts chunks of bytes into lines, holding at most one unfinished line of `limit` bytes.
 *
 * Each line becomes a string of its own (latin1, one character a byte): a slice of a whole
 * chunk would keep that chunk in memory for as long as any word of the line lives.
 */
export class LineCutter {
  /** Longest line in bytes; may be changed between lines. */
  limit: number;
  #parts: Buffer[] = [];
  #held = 0;
  #skipping = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Calls `see` for each line that ends in this chunk. */
  push(chunk: Buffer, see: (line: string | typeof TOO_LONG) => void): void {
    let from = 0;
    for (;;) {
      const to = chunk.indexOf(NEWLINE, from);
      if (to < 0) break;
      see(this.#finish(chunk, from, to));
      from = to + 1;
    }
    this.#hold(chunk.subarray(from));
  }

  /** What followed the last newline; undefined when nothing did. */
  rest(): string | typeof TOO_LONG | undefined {
    if (this.#held === 0 && !this.#skipping) return undefined;
    return this.#finish(Buffer.alloc(0), 0, 0);
  }

  #finish(chunk: Buffer, from: number, to: number): string | typeof TOO_LONG {
    const tooLong = this.#skipping || this.#held + to - from > this.limit;
    const line = tooLong
      ? TOO_LONG
      : this.#held === 0
        ? chunk.toString('latin1', from, to)
        : Buffer.concat([...this.#parts, chunk.subarray(from, to)]).toString('latin1');
    this.#parts = [];
    this.#held = 0;
    this.#skipping = false;
    return line;
  }

  #hold(tail: Buffer): void {
    if (tail.length === 0 || this.#skipping) return;
    this.#held += tail.length;
    if (this.#held > this.limit) {
      this.#skipping = true;
      this.#parts = [];
      this.#held = 0;
      return;
    }
    this.#parts.push(Buffer.from(tail));
  }
}
