/** Cuts a stream of chunks into blocks that end at a line's end. */
export class LineBlocks {
  #rest: Buffer = Buffer.alloc(0);

  /** The whole lines that are there with this chunk, as one block; undefined when none has ended. */
  push(chunk: Buffer): Buffer | undefined {
    const end = chunk.lastIndexOf(0x0a) + 1;
    if (end === 0) {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      return undefined;
    }
    const block = Buffer.concat([this.#rest, chunk.subarray(0, end)]);
    this.#rest = chunk.subarray(end);
    return block;
  }

  /** What is left at the end of the stream, without a newline. */
  get rest(): Buffer {
    return this.#rest;
  }
}
