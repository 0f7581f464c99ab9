/** Takes a line: the bytes from one place up to another, where its newline is; null: one that was too long to be kept. */
export type SeeLine = (bytes: Buffer | null, from: number, to: number) => void;

const NEWLINE = 0x0a;
const JUST_NEWLINE = Buffer.of(NEWLINE);

/** Cuts chunks of bytes into lines, holding at most one unfinished line of `limit` bytes. */
export class LineCutter {
  /** Longest line in bytes; may be changed between lines. */
  limit: number;
  #parts: Buffer[] = [];
  #held = 0;
  #skipping = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether the unfinished line is too long to be kept already. */
  get skipping(): boolean {
    return this.#skipping;
  }

  /** Calls `see` for each line that ends in this chunk. */
  push(chunk: Buffer, see: SeeLine): void {
    let from = 0;
    for (;;) {
      const to = chunk.indexOf(NEWLINE, from);
      if (to < 0) break;
      this.#finish(chunk, from, to, see);
      from = to + 1;
    }
    this.#hold(chunk.subarray(from));
  }

  /** Calls `see` for what followed the last newline, if anything did. */
  rest(see: SeeLine): void {
    if (this.#held > 0 || this.#skipping) this.#finish(JUST_NEWLINE, 0, 0, see);
  }

  #finish(chunk: Buffer, from: number, to: number, see: SeeLine): void {
    if (this.#held === 0 && !this.#skipping && to - from <= this.limit) {
      see(chunk, from, to);
      return;
    }
    const tooLong = this.#skipping || this.#held + to - from > this.limit;
    const line = tooLong ? null : Buffer.concat([...this.#parts, chunk.subarray(from, to + 1)]);
    this.#parts = [];
    this.#held = 0;
    this.#skipping = false;
    see(line, 0, line === null ? 0 : line.length - 1);
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
