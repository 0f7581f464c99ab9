/** What comes before everything is attached, and is given out when it is. */
export class Held {
  readonly blocks: Buffer[] = [];
  /** Lines of our own. */
  readonly notes: Buffer[] = [];
  /** Bytes of blocks that there was no room for. Their events leave gaps in the counts of their CPUs. */
  dropped = 0;
  readonly #most: number;
  #bytes = 0;

  /** @param most bytes of blocks that are held */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a block of whole lines of the kernel side. */
  push(block: Buffer): void {
    if (this.#bytes + block.length > this.#most) {
      this.dropped += block.length;
      return;
    }
    this.#bytes += block.length;
    this.blocks.push(block);
  }
}
